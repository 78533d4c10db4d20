//! The report as one HTML file that needs nothing else, and the plot for the README.

mod caption;
mod figures;
pub mod plot;

use plot::canvas::escape;
use plot::draw::{Drawn, draw};
use plot::{Plot, plots};

use crate::report::json::Report;
use crate::report::verdict::Verdict;
use crate::report::{table, wins};
use crate::section::Section;

const PAGE_STYLE: &str = include_str!("page.css");
const PLOT_STYLE: &str = include_str!("plot.css");
const MARKS: &str = include_str!("marks.svg");

/// The whole page.
///
/// # Errors
/// In words: a plot can't be drawn, or the report not be written as JSON.
pub fn page(report: &Report) -> Result<String, String> {
    let plots = plots(report);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>{TITLE}</title>\n\
         <style>\n{PAGE_STYLE}{PLOT_STYLE}</style>\n</head>\n<body>\n\
         <svg class=\"unused\" aria-hidden=\"true\"><defs>\n{MARKS}</defs></svg>\n"
    );
    html += &head(report, &plots);
    html += &summary(report);
    for section in sections(&plots) {
        html += &of_section(section, &plots)?;
    }
    html += &figures::contenders(&report.rows);
    html += &data(report)?;
    html += "</body>\n</html>\n";
    Ok(html)
}

/// The plot that the README shows: what framing costs, and what compression gains.
///
/// # Errors
/// In words: the report has not the rows, or they can't be drawn.
pub fn readme_plot(report: &Report) -> Result<String, String> {
    let plots = plots(report);
    let panels = README.map(|(title, heading)| {
        let plot = plots.iter().find(|plot| plot.title == title);
        plot.ok_or_else(|| format!("the report has no rows for the plot '{title}'"))
            .map(|plot| (plot, heading))
    });
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 960 390\" width=\"960\" height=\"390\" role=\"img\">\n\
         <title>{}</title>\n<style>\n{PLOT_STYLE}</style>\n<defs>\n{MARKS}</defs>\n\
         <rect width=\"960\" height=\"390\" rx=\"8\" style=\"fill:var(--bg)\"/>\n",
        README.map(|(_, heading)| heading).join("; ")
    );
    for (at, panel) in panels.into_iter().enumerate() {
        let (plot, heading) = panel?;
        let left = 10 + 480 * at;
        svg += &format!(
            "<text x=\"{}\" y=\"24\" font-size=\"15\" font-weight=\"700\">{heading}</text>\n",
            left + 6
        );
        let drawn = draw(plot)?.svg;
        let placed = format!("<svg x=\"{left}\" y=\"36\" width=\"460\" height=\"340\" ");
        svg += &drawn.replacen("<svg ", &placed, 1);
    }
    Ok(svg + "</svg>\n")
}

const TITLE: &str = "wscodec: the comparison";

/// Plots of the README, and their headings there.
const README: [(&str, &str); 2] = [
    ("decode text, 16 KiB reads", "Decode text: GB/s by the size of a message"),
    ("compress ticker, takeover", "Compress a ticker: ratio against time"),
];

fn head(report: &Report, plots: &[Plot<'_>]) -> String {
    let machine = &report.machine;
    let mut html = format!(
        "<header>\n<h1>{TITLE}</h1>\n<p>{}, {} cores, {}, {}; {}. {} rows. <code>{}</code></p>\n",
        escape(&machine.cpu),
        machine.cores,
        escape(&machine.os),
        escape(&machine.rustc),
        escape(&report.date),
        report.rows.len(),
        escape(&report.command)
    );
    if report.incomplete {
        html += "<p class=\"behind\">The run was interrupted: this is what was measured until then.</p>\n";
    }
    html += "<p>Marks are medians; whiskers the spread of samples and sittings. Ours have thick lines and filled \
             marks, others thin dashed lines and hollow marks. A difference inside the spread is a tie. Only ratios \
             travel to other machines. Figures lie below each plot.</p>\n<nav aria-label=\"Sections\">";
    for section in sections(plots) {
        html += &format!("<a href=\"#{section}\">{section}</a>");
    }
    html + "<a href=\"#contenders\">contenders</a></nav>\n</header>\n"
}

fn sections(plots: &[Plot<'_>]) -> Vec<Section> {
    let mut sections: Vec<Section> = plots.iter().map(|plot| plot.section).collect();
    sections.dedup();
    sections
}

/// Wins and losses, and who did not take part.
fn summary(report: &Report) -> String {
    let tasks = wins::tasks(&report.rows);
    let mut html = "<main>\n<h2 id=\"summary\">Wins and losses</h2>\n".to_owned();
    if !tasks.is_empty() {
        html += "<div class=\"wide\" role=\"region\" aria-label=\"Wins and losses\" tabindex=\"0\"><table>\n\
                 <caption>Ours against the fastest other crate at each workload, C zlib among them; of compressors at the \
                 same level, with at least 97 % of the ratio. The factor is the other's time over ours.</caption>\n\
                 <thead><tr><th scope=\"col\">task</th><th scope=\"col\">ahead</th><th scope=\"col\">tie</th>\
                 <th scope=\"col\">behind</th><th scope=\"col\">least factor</th></tr></thead>\n<tbody>\n";
    }
    for task in &tasks {
        let [ahead, tie, behind] = [Verdict::Ahead, Verdict::Tie, Verdict::Behind].map(|it| task.count(it));
        let class = if behind > 0 { "n behind" } else { "n" };
        let worst = task.worst().map_or(String::new(), |worst| {
            format!(
                "{} {}<span class=\"where\">: {}</span>",
                table::ratio(worst.factor()),
                escape(&worst.other.contender),
                escape(&worst.ours.workload)
            )
        });
        html += &format!(
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{ahead}</td><td class=\"n\">{tie}</td>\
             <td class=\"{class}\">{behind}</td><td>{}</td></tr>\n",
            escape(&task.name.replace('`', "")),
            worst
        );
    }
    if !tasks.is_empty() {
        html += "</tbody></table></div>\n";
    }
    let mut list = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let items: String = lines.iter().map(|line| format!("<li>{}</li>", escape(line))).collect();
            html +=
                &format!("<details><summary>{title} ({})</summary><ul>{items}</ul></details>\n", lines.len());
        }
    };
    let losses = wins::losses(&report.rows);
    list(
        "Where we are behind",
        losses.lines().map(|line| line.trim_start_matches("- ").replace('`', "")).collect(),
    );
    let failure = |it: &crate::report::json::Failure| {
        format!("{}: {}: {}: {}", it.section, it.workload, it.contender, it.reason)
    };
    list("Answered wrongly, and were not timed", report.failures.iter().map(failure).collect());
    list(
        "Could not take part",
        report.absent.iter().map(|it| format!("{}: {}", it.contender, it.reason)).collect(),
    );
    html + "</main>\n"
}

fn of_section(section: Section, plots: &[Plot<'_>]) -> Result<String, String> {
    let of = |featured| {
        plots.iter().enumerate().filter(move |(_, plot)| plot.section == section && plot.featured == featured)
    };
    let draw_all =
        |featured| of(featured).map(|(at, plot)| figure(at, plot)).collect::<Result<String, String>>();
    let mut html = format!("<section aria-labelledby=\"{section}\">\n<h2 id=\"{section}\">{section}</h2>\n");
    html += &format!("<p>{}</p>\n<div class=\"plots\">\n{}</div>\n", about(section), draw_all(true)?);
    let more = of(false).count();
    if more > 0 {
        html += &format!(
            "<details><summary>{more} more plots of {section}</summary>\n<div class=\"plots\">\n{}</div></details>\n",
            draw_all(false)?
        );
    }
    Ok(html + "</section>\n")
}

fn about(section: Section) -> &'static str {
    match section {
        Section::Mask => {
            "Masking in place, while copying, and with validation of text. Higher lines are faster; in bars, \
                          shorter is faster."
        }
        Section::Frame => {
            "Messages out of reads, messages into frames, headers alone. Higher lines are faster."
        }
        Section::Deflate => {
            "permessage-deflate: size against time and memory of each backend and level; time to inflate; \
                             many connections in turn; memory of a connection."
        }
        Section::Echo => {
            "Messages to a server and back, both ends on one core, over streams in memory and over TCP on loopback. \
                          Higher lines are faster."
        }
        Section::Broadcast => "One message to many connections. Shorter is faster.",
        Section::Stream => "A long message, sent part by part. Shorter is faster.",
    }
}

fn figure(at: usize, plot: &Plot<'_>) -> Result<String, String> {
    let Drawn { svg, legend } = draw(plot)?;
    let mut html = format!(
        "<figure data-section=\"{}\" data-points=\"{}\" aria-labelledby=\"p{at}\">\n<h3 id=\"p{at}\">{}</h3>\n{svg}",
        plot.section,
        plot.rows.len(),
        escape(&plot.title)
    );
    if !legend.is_empty() {
        html += "<ul class=\"legend\">";
        for (name, style) in legend {
            let mark = style.mark("0", "0");
            html += &format!(
                "<li class=\"{}\"><svg viewBox=\"-7 -7 14 14\" aria-hidden=\"true\">{mark}</svg>{}</li>",
                style.class(),
                escape(&name)
            );
        }
        html += "</ul>\n";
    }
    html += &format!(
        "<figcaption>{}</figcaption>\n{}</figure>\n",
        escape(&caption::caption(plot)),
        figures::table(plot)
    );
    Ok(html)
}

/// The report itself, where a program finds it: `JSON.parse(document.getElementById("report").textContent)`.
fn data(report: &Report) -> Result<String, String> {
    let json = serde_json::to_string(report).map_err(|error| error.to_string())?;
    // Nothing in it may end the element.
    let json = json.replace('<', "\\u003c");
    Ok(format!("<script type=\"application/json\" id=\"report\">{json}</script>\n"))
}
