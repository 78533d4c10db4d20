//! The figures as tables.

use std::collections::BTreeSet;

use super::plot::canvas::escape;
use super::plot::{Plot, mean_size};
use crate::deflate::memory;
use crate::report::json::Row;
use crate::report::table::figure;

/// The figures of a plot, folded away below it.
pub fn table(plot: &Plot<'_>) -> String {
    let has_ratio = plot.rows.iter().any(|(_, row)| row.ratio.is_some());
    let has_memory = plot.rows.iter().any(|(_, row)| row.memory.is_some());
    let has_speed = plot.rows.iter().any(|(_, row)| row.unit != memory::UNIT);
    let mut html = format!(
        "<details><summary>Figures</summary><div class=\"wide\" role=\"region\" aria-label=\"Figures of {0}\" \
         tabindex=\"0\"><table><caption>{0}</caption><thead><tr>",
        escape(&plot.title)
    );
    let mut heads = vec!["contender", "median", "10 % to 90 %"];
    heads.extend(has_speed.then_some("GB/s"));
    heads.extend(has_ratio.then_some("ratio"));
    heads.extend(has_memory.then_some("KB"));
    for head in &heads {
        html += &format!("<th scope=\"col\">{head}</th>");
    }
    html += "</tr></thead>\n";
    for rows in plot.rows.chunk_by(|a, b| a.1.workload == b.1.workload) {
        html += &format!(
            "<tbody><tr><th scope=\"rowgroup\" colspan=\"{}\">{} ({:.0} B)</th></tr>\n",
            heads.len(),
            escape(&rows[0].1.workload),
            mean_size(rows[0].1)
        );
        rows.iter().for_each(|(_, row)| html += &line(row, has_speed, has_ratio, has_memory));
        html += "</tbody>\n";
    }
    html + "</table></div></details>\n"
}

fn line(row: &Row, has_speed: bool, has_ratio: bool, has_memory: bool) -> String {
    let of = |value| figure(value, &row.unit);
    let mut html = format!(
        "<tr{}><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{} to {}</td>",
        if row.ours { " class=\"ours\"" } else { "" },
        escape(&row.contender),
        of(row.median),
        of(row.low),
        of(row.high)
    );
    let mut cell = |is_shown: bool, text: Option<String>| {
        if is_shown {
            html += &format!("<td class=\"n\">{}</td>", text.unwrap_or_default());
        }
    };
    cell(has_speed, Some(format!("{:.2}", mean_size(row) / row.median)));
    cell(has_ratio, row.ratio.map(|ratio| format!("{ratio:.3}")));
    cell(has_memory, row.memory.map(|memory| format!("{:.0}", memory as f64 / 1000.0)));
    html + "</tr>\n"
}

/// Who took part, with what version, on what engine, and what its way includes.
pub fn contenders(rows: &[Row]) -> String {
    let known: BTreeSet<_> = rows
        .iter()
        .map(|row| {
            (
                row.section.to_string(),
                &row.contender,
                row.version.as_deref().unwrap_or(""),
                &row.engine,
                &row.path,
            )
        })
        .collect();
    let mut html = "<section aria-labelledby=\"contenders\">\n<h2 id=\"contenders\">contenders</h2>\n\
                    <details><summary>Versions, engines, and what each one's way includes</summary>\n\
                    <div class=\"wide\" role=\"region\" aria-label=\"Contenders\" tabindex=\"0\"><table><thead><tr>"
        .to_owned();
    for head in ["contender", "section", "version", "engine", "its way"] {
        html += &format!("<th scope=\"col\">{head}</th>");
    }
    html += "</tr></thead><tbody>\n";
    for (section, contender, version, engine, path) in known {
        html += &format!("<tr><th scope=\"row\">{}</th><td>{section}</td>", escape(contender));
        [version, engine, path].iter().for_each(|text| html += &format!("<td>{}</td>", escape(text)));
        html += "</tr>\n";
    }
    html + "</tbody></table></div></details></section>\n"
}
