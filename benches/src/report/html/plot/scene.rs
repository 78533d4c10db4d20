//! Marks, lines and whiskers over two axes: what all plots are made of.

use std::convert::Infallible;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Axis;
use super::canvas::{
    AXIS, Canvas, FRONT, GRID, Ink, SCALE, SERIES, TEXT, TEXT_SIZE, decimal, escape, text_width,
};
use super::labels::{Area, beside, spread};
use super::style::Style;

/// What is on the axes' plane.
pub struct Scene {
    /// Units.
    pub width: u32,
    pub height: u32,
    /// What the axes show, with units.
    pub x_title: &'static str,
    pub y_title: &'static str,
    pub x_label: fn(f64) -> String,
    pub y_label: fn(f64) -> String,
    pub series: Vec<Series>,
    /// Those that nobody beats, from left to right.
    pub front: Vec<(f64, f64)>,
    pub naming: Naming,
}

/// One contender.
pub struct Series {
    pub name: String,
    pub style: Style,
    /// Whether its points are joined.
    pub joined: bool,
    pub points: Vec<Point>,
}

/// One row.
pub struct Point {
    /// Its place in the report.
    pub row: usize,
    pub x: f64,
    pub y: f64,
    /// From where to where it spreads, along one axis.
    pub whisker: [(f64, f64); 2],
    /// The figures in words.
    pub title: String,
    /// The name beside it, where points are named.
    pub name: String,
    /// Whether it is on the front.
    pub leads: bool,
}

/// Where the names are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// At the right ends of the lines.
    Ends,
    /// Beside the points, as far as there is room.
    Points,
    /// At the left, a line of the picture each; values at the right.
    Lines,
}

type Failure = DrawingAreaErrorKind<Infallible>;

impl Scene {
    /// Draws it.
    ///
    /// # Errors
    /// In words: plotters can't.
    pub fn draw(&self, ink: &Ink, x: Axis, y: Axis) -> Result<(), String> {
        self.draw_all(ink, x, y).map_err(|error| format!("can't draw: {error}"))
    }

    fn draw_all(&self, ink: &Ink, mut x: Axis, y: Axis) -> Result<(), Failure> {
        let root = Canvas::new(ink.clone(), self.width, self.height).into_drawing_area();
        let area = self.area(&y);
        x.thin(area.right - area.left, self.x_label);
        let pixels = |units: f64| (units * f64::from(SCALE)) as i32;
        let mut chart = ChartBuilder::on(&root)
            .margin_top(pixels(area.top))
            .margin_right(pixels(f64::from(self.width) - area.right))
            .set_label_area_size(LabelAreaPosition::Left, pixels(area.left))
            .set_label_area_size(LabelAreaPosition::Bottom, pixels(f64::from(self.height) - area.bottom))
            .build_cartesian_2d(x, y)?;
        let font = ("sans-serif", pixels(TEXT_SIZE)).into_font().color(&TEXT);
        let (x_label, y_label) = (self.x_label, self.y_label);
        chart
            .configure_mesh()
            .x_label_formatter(&|value| x_label(*value))
            .y_label_formatter(&|value| y_label(*value))
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .axis_style(AXIS)
            .set_all_tick_mark_size(pixels(4.0))
            .label_style(font.pos(Pos::new(HPos::Center, VPos::Center)))
            .draw()?;
        self.titles(ink, area);
        if self.front.len() > 1 {
            chart.draw_series([PathElement::new(staircase(&self.front), FRONT)])?;
        }
        let mut shown = Vec::new();
        for series in &self.series {
            shown.push(series.draw(ink, &mut chart)?);
        }
        match self.naming {
            Naming::Ends => self.name_ends(ink, &shown, area),
            Naming::Points => self.name_points(ink, &shown, area),
            Naming::Lines => self.name_lines(ink, &shown, area),
        }
        root.present()
    }

    /// Where the axes' plane is, in units.
    fn area(&self, y: &Axis) -> Area {
        let names =
            self.series.iter().map(|series| text_width(&shown_name(&series.name))).fold(0.0, f64::max);
        let ticks = y.ticks().iter().map(|tick| text_width(&(self.y_label)(*tick))).fold(24.0, f64::max);
        let (left, right) = match self.naming {
            Naming::Ends => (ticks + 14.0, names + 20.0),
            Naming::Points => (ticks + 14.0, 26.0),
            Naming::Lines => (names + 12.0, 62.0),
        };
        let (width, height) = (f64::from(self.width), f64::from(self.height));
        let top = if self.naming == Naming::Lines { 8.0 } else { 26.0 };
        Area { left, top, right: width - right, bottom: height - 44.0 }
    }

    /// The title of the upright axis lies above it, where it is read without turning the head.
    fn titles(&self, ink: &Ink, area: Area) {
        ink.text((6.0, 15.0), "start", "title", self.y_title);
        let middle = f64::midpoint(area.left, area.right);
        ink.text((middle, f64::from(self.height) - 8.0), "middle", "title", self.x_title);
    }

    fn name_ends(&self, ink: &Ink, shown: &[Vec<(f64, f64)>], area: Area) {
        let ends: Vec<(usize, (f64, f64))> =
            shown.iter().enumerate().filter_map(|(at, places)| Some((at, *places.last()?))).collect();
        let wanted: Vec<f64> = ends.iter().map(|(_, (_, y))| *y).collect();
        for ((at, (x, y)), height) in ends.into_iter().zip(spread(&wanted, area.top + 4.0, area.bottom - 2.0))
        {
            let series = &self.series[at];
            let start = area.right + 6.0;
            ink.raw(&format!("<g class=\"{}\">", series.style.class()));
            let (x, y) = (decimal(x + 6.0), decimal(y));
            ink.raw(&format!(
                "<path class=\"leader\" d=\"M{x} {y}L{} {}\"/>",
                decimal(start),
                decimal(height)
            ));
            ink.text((start + 2.0, height + 4.5), "start", "name", &shown_name(&series.name));
            ink.raw("</g>");
        }
    }

    fn name_points(&self, ink: &Ink, shown: &[Vec<(f64, f64)>], area: Area) {
        let mut taken: Vec<Area> = shown.iter().flatten().map(|place| Area::around(*place, 6.0)).collect();
        let frame = Area { right: f64::from(self.width) - 2.0, ..area };
        // Those on the front have the first choice, then ours.
        for (leads, ours) in [(true, true), (true, false), (false, true), (false, false)] {
            for (series, places) in self.series.iter().zip(shown) {
                if (series.style.group == "ours") != ours {
                    continue;
                }
                let named: Vec<((f64, f64), &str)> = series
                    .points
                    .iter()
                    .zip(places)
                    .filter(|(point, _)| point.leads == leads)
                    .map(|(point, place)| (*place, point.name.as_str()))
                    .collect();
                let starts = beside(&named, frame, &mut taken);
                let class = format!("{} name{}", series.style.class(), if leads { " leads" } else { "" });
                for (start, (_, name)) in starts.into_iter().zip(named) {
                    if let Some(start) = start {
                        ink.text(start, "start", &class, name);
                    }
                }
            }
        }
    }

    fn name_lines(&self, ink: &Ink, shown: &[Vec<(f64, f64)>], area: Area) {
        for (series, places) in self.series.iter().zip(shown) {
            let (Some((_, y)), Some(point)) = (places.last(), series.points.last()) else { continue };
            ink.text(
                (area.left - 8.0, y + 4.5),
                "end",
                &format!("{} name", series.style.class()),
                &shown_name(&series.name),
            );
            ink.text((f64::from(self.width) - 2.0, y + 4.5), "end", "", &point.name);
        }
    }
}

/// A name as long as the plane can spare; the figures below the plot have it whole.
fn shown_name(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    name.chars().take(LONGEST_NAME - 1).chain(['…']).collect()
}

const LONGEST_NAME: usize = 22;

impl Series {
    /// Its line, and each point with its whisker and mark; where these are, in units.
    fn draw(
        &self,
        ink: &Ink,
        chart: &mut ChartContext<'_, Canvas, Cartesian2d<Axis, Axis>>,
    ) -> Result<Vec<(f64, f64)>, Failure> {
        ink.raw(&format!("<g class=\"{}\">\n", self.style.class()));
        if self.joined && self.points.len() > 1 {
            let line: Vec<_> = self.points.iter().map(|point| (point.x, point.y)).collect();
            chart.draw_series([PathElement::new(line, SERIES)])?;
        }
        let mut places = Vec::with_capacity(self.points.len());
        for point in &self.points {
            ink.raw(&format!("<g data-row=\"{}\"><title>{}</title>\n", point.row, escape(&point.title)));
            let [from, to] = point.whisker;
            if from != to {
                chart.draw_series([PathElement::new(vec![from, to], SERIES)])?;
            }
            let (x, y) = chart.backend_coord(&(point.x, point.y));
            let place = (f64::from(x) / f64::from(SCALE), f64::from(y) / f64::from(SCALE));
            let (x, y) = (decimal(place.0), decimal(place.1));
            if point.leads {
                ink.raw(&format!("<circle class=\"ring\" cx=\"{x}\" cy=\"{y}\" r=\"8\"/>"));
            }
            ink.raw(&format!("{}</g>\n", self.style.mark(&x, &y)));
            places.push(place);
        }
        ink.raw("</g>\n");
        Ok(places)
    }
}

/// From point to point without a slope: between two of them there is nobody.
fn staircase(front: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut steps = Vec::with_capacity(front.len() * 2);
    for pair in front.windows(2) {
        steps.extend([pair[0], (pair[1].0, pair[0].1)]);
    }
    steps.extend(front.last());
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_has_steps() {
        assert_eq!(staircase(&[(1.0, 1.0), (2.0, 3.0)]), [(1.0, 1.0), (2.0, 1.0), (2.0, 3.0)]);
    }
}
