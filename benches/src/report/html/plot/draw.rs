//! A plot's rows on its axes.

use std::collections::BTreeMap;

use super::canvas::{Ink, TEXT_SIZE, escape};
use super::scene::{Naming, Point, Scene, Series};
use super::style::{Style, base, styles};
use super::{Kind, Plot, axis, mean_size, window_bits};
use crate::deflate::memory;
use crate::report::front::front;
use crate::report::json::Row;
use crate::report::table::{figure, time};

/// A drawn plot, and what its marks mean.
pub struct Drawn {
    /// An `<svg>` element.
    pub svg: String,
    /// Contenders and their looks, for a legend; empty where names are at the lines.
    pub legend: BTreeMap<String, Style>,
}

/// Units: narrow, so that letters stay legible where a phone shrinks the picture to its width.
const WIDTH: u32 = 460;
const HEIGHT: u32 = 340;

/// Draws a plot.
///
/// # Errors
/// In words: plotters can't.
pub fn draw(plot: &Plot<'_>) -> Result<Drawn, String> {
    let ink = Ink::default();
    let height = if plot.kind == Kind::Bars { 60 + 20 * plot.rows.len() as u32 } else { HEIGHT };
    ink.raw(&format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\" font-size=\"{TEXT_SIZE}\">\n",
        escape(&plot.title)
    ));
    let styles = styles(plot.rows.iter().map(|(_, row)| *row), |row| name(plot.kind, row));
    inside(plot, &ink, height, &styles)?;
    ink.raw("</svg>\n");
    let legend = if matches!(plot.kind, Kind::Ratio | Kind::Memory) { styles } else { BTreeMap::new() };
    Ok(Drawn { svg: ink.into_svg(), legend })
}

fn inside(plot: &Plot<'_>, ink: &Ink, height: u32, styles: &BTreeMap<String, Style>) -> Result<(), String> {
    let scene = |x_title, y_title, x_label, y_label, naming| Scene {
        width: WIDTH,
        height,
        x_title,
        y_title,
        x_label,
        y_label,
        series: Vec::new(),
        front: Vec::new(),
        naming,
    };
    match plot.kind {
        Kind::Sizes => {
            let mut scene =
                scene("bytes of a message (mean)", "GB/s", axis::bytes, axis::short, Naming::Ends);
            scene.series = series(plot, styles, true, speed);
            let xs = plot.rows.iter().map(|(_, row)| mean_size(row));
            let ys = points(&scene).flat_map(|point| point.whisker).map(|(_, y)| y);
            let (x, y) = (axis::log(xs, &axis::sizes()), axis::log(ys.clone(), &axis::decades(ys)));
            scene.draw(ink, x, y)
        }
        Kind::Windows => {
            let mut scene =
                scene("bits of the window", "bytes of a connection", axis::short, axis::bytes, Naming::Ends);
            scene.series = series(plot, styles, true, by_window);
            let ys = plot.rows.iter().map(|(_, row)| row.median);
            let x = axis::linear_at(8.7..15.3, vec![9.0, 12.0, 15.0]);
            scene.draw(ink, x, axis::log(ys.clone(), &axis::binary(ys)))
        }
        Kind::Ratio | Kind::Memory => {
            let by_time = plot.kind == Kind::Ratio;
            let (title, label): (_, fn(f64) -> String) = if by_time {
                ("time of a message", axis::time)
            } else {
                ("memory of a context", axis::bytes)
            };
            let mut scene =
                scene(title, "ratio: bytes in over bytes out", label, axis::short, Naming::Points);
            scene.series = series(plot, styles, false, if by_time { by_time_and_ratio } else { by_memory });
            mark_front(&mut scene);
            let xs = points(&scene).flat_map(|point| point.whisker).map(|(x, _)| x);
            let ys = points(&scene).map(|point| point.y);
            let ticks = if by_time { axis::decades(xs.clone()) } else { axis::binary(xs.clone()) };
            scene.draw(ink, axis::log(xs, &ticks), axis::linear(ys, false))
        }
        Kind::Bars => {
            let is_memory = plot.rows.iter().all(|(_, row)| row.unit == memory::UNIT);
            let (title, label): (_, fn(f64) -> String) = if is_memory {
                ("bytes of a connection", axis::bytes)
            } else {
                ("time of a message", axis::time)
            };
            let mut scene = scene(title, "", label, axis::short, Naming::Lines);
            scene.series = lines(plot, styles);
            let count = scene.series.len() as f64;
            let xs = points(&scene).flat_map(|point| point.whisker).map(|(x, _)| x);
            let y = axis::linear_at(-count + 0.4..0.6, Vec::new());
            let (low, high) = (xs.clone().fold(f64::INFINITY, f64::min), xs.clone().fold(0.0, f64::max));
            if high / low > 6.0 {
                scene.draw(ink, axis::log(xs.clone(), &axis::decades(xs)), y)
            } else {
                scene.draw(ink, axis::linear(xs, true), y)
            }
        }
    }
}

fn points(scene: &Scene) -> impl Iterator<Item = &Point> + Clone {
    scene.series.iter().flat_map(|series| &series.points)
}

/// What the contender is called: levels of a backend have one look where they are marks side by side.
fn name(kind: Kind, row: &Row) -> String {
    match kind {
        Kind::Ratio | Kind::Memory => base(row),
        _ => row.contender.clone(),
    }
}

/// The rows by contender, in the order of the report, ours last and so on top.
fn series(
    plot: &Plot<'_>,
    styles: &BTreeMap<String, Style>,
    joined: bool,
    point: fn(usize, &Row) -> Point,
) -> Vec<Series> {
    let mut all: Vec<Series> = Vec::new();
    for &(place, row) in &plot.rows {
        let name = name(plot.kind, row);
        let point = point(place, row);
        match all.iter_mut().find(|series| series.name == name) {
            Some(series) => series.points.push(point),
            None => all.push(Series { style: styles[&name], name, joined, points: vec![point] }),
        }
    }
    all.iter_mut().for_each(|series| series.points.sort_by(|a, b| a.x.total_cmp(&b.x)));
    all.sort_by_key(|series| series.style.group == "ours");
    all
}

/// A line of the picture for each row, the least at the top.
fn lines(plot: &Plot<'_>, styles: &BTreeMap<String, Style>) -> Vec<Series> {
    let mut rows = plot.rows.clone();
    rows.sort_by(|a, b| a.1.median.total_cmp(&b.1.median));
    let line = |(at, &(row, it)): (usize, &(usize, &Row))| {
        let y = -(at as f64);
        let point = Point {
            row,
            x: it.median,
            y,
            whisker: [(it.low, y), (it.high, y)],
            title: title(it),
            name: figure(it.median, &it.unit),
            leads: false,
        };
        Series {
            name: it.contender.clone(),
            style: styles[&it.contender],
            joined: false,
            points: vec![point],
        }
    };
    rows.iter().enumerate().map(line).collect()
}

fn title(row: &Row) -> String {
    format!(
        "{}: {}: {} ({} to {}){}",
        row.contender,
        row.workload,
        figure(row.median, &row.unit),
        figure(row.low, &row.unit),
        figure(row.high, &row.unit),
        row.ratio.map_or(String::new(), |ratio| format!(", ratio {ratio:.2}"))
    )
}

fn speed(place: usize, row: &Row) -> Point {
    let size = mean_size(row);
    let whisker = [(size, size / row.high), (size, size / row.low)];
    point(place, row, (size, size / row.median), whisker)
}

fn by_window(place: usize, row: &Row) -> Point {
    let bits = window_bits(row).unwrap_or_default();
    point(place, row, (bits, row.median), [(bits, row.low), (bits, row.high)])
}

fn by_time_and_ratio(place: usize, row: &Row) -> Point {
    let ratio = row.ratio.unwrap_or_default();
    point(place, row, (row.median, ratio), [(row.low, ratio), (row.high, ratio)])
}

fn by_memory(place: usize, row: &Row) -> Point {
    let at = (row.memory.unwrap_or_default().max(1) as f64, row.ratio.unwrap_or_default());
    let title = format!("{}: {}, ratio {:.2}", row.contender, axis::bytes(at.0), at.1);
    Point { title, ..point(place, row, at, [at, at]) }
}

fn point(row: usize, of: &Row, (x, y): (f64, f64), whisker: [(f64, f64); 2]) -> Point {
    Point { row, x, y, whisker, title: title(of), name: of.contender.clone(), leads: false }
}

/// Marks the points that have nobody with less on one axis and no less on the other.
fn mark_front(scene: &mut Scene) {
    let places: Vec<(f64, f64)> = points(scene).map(|point| (point.x, point.y)).collect();
    scene.front = front(&places).into_iter().map(|place| places[place]).collect();
    let front = scene.front.clone();
    let all = scene.series.iter_mut().flat_map(|series| &mut series.points);
    all.for_each(|point| point.leads = front.contains(&(point.x, point.y)));
}

/// The words for a message's time, for captions.
pub fn words(row: &Row) -> String {
    format!("{} ({}, {:.2})", row.contender, time(row.median), row.ratio.unwrap_or_default())
}
