//! The report and the README's plot in a real browser: headless Chromium, from `CHROMIUM` or as `chromium`.
//!
//! Not among the tests that run everywhere: `bash .ci/run report` installs Chromium and runs these.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use common::{compare, newest_result, path, root, stderr};
use serde_json::Value;
use tempfile::TempDir;

/// Appended to the page: opens all that is folded, measures, and leaves what it found in the page.
const PROBE: &str = r##"<pre id="probe"></pre><script>
document.querySelectorAll("details").forEach(it => it.open = true);
const inside = (a, b) => a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
const figures = [...document.querySelectorAll("figure")].map(figure => {
  const svg = figure.querySelector("svg[role=img]"), box = svg.getBoundingClientRect();
  const points = [...svg.querySelectorAll("[data-row]")];
  const labels = [...svg.querySelectorAll("text")].filter(it => !inside(it.getBoundingClientRect(), box));
  const shape = it => it.querySelector("use").getBoundingClientRect();
  return {
    section: figure.dataset.section, said: +figure.dataset.points, title: figure.querySelector("h3").textContent,
    rows: points.map(it => +it.dataset.row), width: box.width,
    seen: points.filter(it => shape(it).width > 2 && inside(shape(it), box)).length,
    cut: labels.map(it => it.textContent),
    letters: svg.querySelector("text").getBoundingClientRect().height,
  };
});
const colour = it => getComputedStyle(it).color, fill = it => getComputedStyle(it).fill;
document.getElementById("probe").textContent = JSON.stringify({
  width: innerWidth, scrolls: document.documentElement.scrollWidth, background: getComputedStyle(document.body).backgroundColor,
  ink: colour(document.body), texts: [...new Set([...document.querySelectorAll("svg text")].map(fill))],
  series: [...new Set([...document.querySelectorAll("svg g.ours, svg g.other, svg g.limit")].map(colour))], figures,
});
</script></body>"##;

#[test]
#[ignore = "needs Chromium: bash .ci/run report"]
fn every_row_is_a_mark_inside_its_plot_on_a_desk_and_on_a_phone_by_day_and_by_night() {
    let report: Value = serde_json::from_slice(&fs::read(newest_result()).unwrap()).unwrap();
    let rows = report["rows"].as_array().unwrap();
    let directory = TempDir::new().unwrap();
    let page = probed_page(&directory);
    for width in [1300, 375] {
        for dark in [false, true] {
            let probe = probe(&directory, &page, width, dark);
            check_layout(&probe, width);
            check_colours(&probe, dark);
            for section in sections(rows) {
                let wanted: BTreeSet<u64> =
                    (0..rows.len() as u64).filter(|&row| rows[row as usize]["section"] == section).collect();
                assert!(!wanted.is_empty());
                assert_eq!(marks(&probe, section), wanted, "{section} at {width}");
            }
        }
    }
}

#[test]
#[ignore = "needs Chromium: bash .ci/run report"]
fn the_readme_plot_is_a_picture() {
    let directory = TempDir::new().unwrap();
    let page = path(&directory, "img.html");
    let plot = root().join("results/plot.svg");
    let html = format!(
        "<img src=\"file://{}\" onload=\"document.title=this.naturalWidth+' by '+this.naturalHeight\">",
        plot.display()
    );
    fs::write(&page, html).unwrap();
    assert!(dom(&directory, &page, false).contains("<title>960 by 390</title>"));
}

/// The sections that rows are of.
fn sections(rows: &[Value]) -> BTreeSet<&str> {
    let sections: BTreeSet<&str> = rows.iter().map(|row| row["section"].as_str().unwrap()).collect();
    assert!(sections.is_superset(&BTreeSet::from(["mask", "frame", "deflate"])), "{sections:?}");
    sections
}

/// The rows whose marks a section shows, in all of its plots; each plot must show as many as it says.
fn marks(probe: &Value, section: &str) -> BTreeSet<u64> {
    let figures = probe["figures"].as_array().unwrap().iter().filter(|figure| figure["section"] == section);
    let mut all = BTreeSet::new();
    for figure in figures {
        let rows: BTreeSet<u64> =
            figure["rows"].as_array().unwrap().iter().map(|row| row.as_u64().unwrap()).collect();
        let (said, seen) = (figure["said"].as_u64().unwrap(), figure["seen"].as_u64().unwrap());
        assert!(said > 0 && rows.len() as u64 == said && seen == said, "{said} of {figure}");
        all.extend(rows);
    }
    all
}

/// Nothing is cut off, nothing makes the page scroll sideways, and letters are legible.
fn check_layout(probe: &Value, width: u64) {
    assert_eq!(probe["width"], width);
    assert!(probe["scrolls"].as_u64().unwrap() <= width, "{} wide at {width}", probe["scrolls"]);
    let figures = probe["figures"].as_array().unwrap();
    let is_cut = |figure: &&Value| figure["cut"] != Value::Array(Vec::new());
    let cut: Vec<_> =
        figures.iter().filter(is_cut).map(|figure| (&figure["title"], &figure["cut"])).collect();
    assert!(cut.is_empty(), "at {width}: {cut:?}");
    for figure in figures {
        let title = &figure["title"];
        assert!(figure["letters"].as_f64().unwrap() > 9.0, "{title} at {width}: {}", figure["letters"]);
        assert!(figure["width"].as_f64().unwrap() > 300.0, "{title} at {width}");
    }
}

/// The contrasts that the Web Content Accessibility Guidelines ask for: 4.5 for text, 3 for lines and marks.
fn check_colours(probe: &Value, dark: bool) {
    let of = |value: &Value| luminance(value.as_str().unwrap());
    let background = of(&probe["background"]);
    assert_eq!(background < 0.2, dark, "{}", probe["background"]);
    let contrast = |other: f64| (other.max(background) + 0.05) / (other.min(background) + 0.05);
    assert!(contrast(of(&probe["ink"])) > 7.0);
    let (texts, series) = (probe["texts"].as_array().unwrap(), probe["series"].as_array().unwrap());
    assert!(series.len() >= 8, "{series:?}");
    assert!(texts.iter().all(|text| contrast(of(text)) > 4.5), "dark {dark}: {texts:?}");
    assert!(series.iter().all(|line| contrast(of(line)) > 3.0), "dark {dark}: {series:?}");
}

/// Relative luminance of a colour written as `rgb(1, 2, 3)`.
fn luminance(colour: &str) -> f64 {
    let numbers = colour
        .strip_prefix("rgb(")
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or_else(|| panic!("{colour}"));
    let parts: Vec<f64> = numbers.split(", ").map(|part| part.parse::<f64>().unwrap() / 255.0).collect();
    let linear = |part: f64| if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) };
    0.2126 * linear(parts[0]) + 0.7152 * linear(parts[1]) + 0.0722 * linear(parts[2])
}

fn probed_page(directory: &TempDir) -> String {
    let page = path(directory, "report.html");
    let output = compare(&["report", &newest_result(), "--out", &page]);
    assert!(output.status.success(), "{}", stderr(&output));
    fs::read_to_string(&page).unwrap().replacen("</body>", PROBE, 1)
}

/// What the probe finds in the page at a width. The page is in a frame, since the browser's window has a least width.
///
/// The frame names its character set, which is the page's too: a browser that has to guess it guesses differently from
/// one run to the next, and takes an ellipsis for three letters.
fn probe(directory: &TempDir, page: &str, width: u64, dark: bool) -> Value {
    let framed = path(directory, "framed.html");
    let page = page.replace('&', "&amp;").replace('"', "&quot;");
    let html = format!(
        "<!doctype html><html style=\"color-scheme:light dark\"><meta charset=\"utf-8\"><pre id=\"found\"></pre>\
         <iframe style=\"width:{width}px;height:900px;border:0\" srcdoc=\"{page}\" onload=\"\
         found.textContent=this.contentDocument.getElementById('probe').textContent\"></iframe>"
    );
    fs::write(&framed, html).unwrap();
    let dom = dom(directory, &framed, dark);
    let (_, rest) = dom.split_once("<pre id=\"found\">").unwrap();
    let text = rest.split_once("</pre>").unwrap().0;
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text:.200}"))
}

/// What the browser makes of a page.
fn dom(directory: &TempDir, page: &str, dark: bool) -> String {
    let browser = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
    let mut command = Command::new(&browser);
    // Without its sandbox, which needs privileges that a container has not: the page is our own.
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
    ]);
    command.arg(format!("--user-data-dir={}", directory.path().join("profile").display()));
    command.arg("--window-size=1400,1000");
    command.arg(format!("--blink-settings=preferredColorScheme={}", if dark { 0 } else { 1 }));
    let output = command.arg("--dump-dom").arg(format!("file://{}", Path::new(page).display())).output();
    let output = output.unwrap_or_else(|error| panic!("{browser}: {error}; CHROMIUM names another"));
    assert!(output.status.success(), "{}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}
