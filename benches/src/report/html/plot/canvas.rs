//! Where plotters draws: SVG whose elements have classes instead of colours, so that one style sheet serves light and dark
//! screens, paper, and eyes that don't tell colours apart.

use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::rc::Rc;

use plotters::prelude::{DrawingBackend, RGBColor};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind, FontTransform,
};

/// plotters has whole coordinates only; so many make a unit of the picture.
pub const SCALE: i32 = 10;

/// What a line or a text is, in the place of a colour.
pub const GRID: RGBColor = RGBColor(0, 0, 1);
pub const AXIS: RGBColor = RGBColor(0, 0, 2);
/// Has the colour and the dashes of the group around it.
pub const SERIES: RGBColor = RGBColor(0, 0, 3);
/// The line of those that nobody beats.
pub const FRONT: RGBColor = RGBColor(0, 0, 4);
pub const TEXT: RGBColor = RGBColor(0, 0, 5);

/// The picture so far; clones write to the same one, so groups can be opened between what plotters draws.
#[derive(Clone, Default)]
pub struct Ink(Rc<RefCell<String>>);

impl Ink {
    /// Adds SVG as it is.
    pub fn raw(&self, svg: &str) {
        self.0.borrow_mut().push_str(svg);
    }

    /// Adds a text; `class` may be empty.
    pub fn text(&self, at: (f64, f64), anchor: &str, class: &str, text: &str) {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let (x, y) = (decimal(at.0), decimal(at.1));
        self.raw(&format!(
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\"{class}>{}</text>\n",
            escape(text)
        ));
    }

    /// What was drawn.
    pub fn into_svg(self) -> String {
        self.0.take()
    }
}

/// With one digit after the point, and none where it is 0.
pub fn decimal(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// For text and quoted attributes of HTML and SVG.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The back end of plotters.
pub struct Canvas {
    ink: Ink,
    size: (u32, u32),
}

impl Canvas {
    /// A canvas of so many units.
    pub fn new(ink: Ink, width: u32, height: u32) -> Self {
        Self { ink, size: (width * SCALE as u32, height * SCALE as u32) }
    }
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Canvas {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    /// Nothing that is drawn here has pixels.
    fn draw_pixel(&mut self, _: BackendCoord, _: BackendColor) -> Drawn {
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let Some(class) = class(style.color()) else { return Ok(()) };
        let mut data = String::new();
        for (place, (x, y)) in path.into_iter().enumerate() {
            let verb = if place == 0 { 'M' } else { 'L' };
            let _ = write!(data, "{verb}{} {}", units(x), units(y));
        }
        self.ink.raw(&format!("<path class=\"{class}\" d=\"{data}\"/>\n"));
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        let (x, y) = (units(at.0), units(at.1));
        let anchor = match style.anchor().h_pos {
            HPos::Left => "start",
            HPos::Center => "middle",
            HPos::Right => "end",
        };
        let down = match style.anchor().v_pos {
            VPos::Top => ".76em",
            VPos::Center => ".35em",
            VPos::Bottom => "-.2em",
        };
        let turned = match style.transform() {
            FontTransform::None => String::new(),
            FontTransform::Rotate90 => format!(" transform=\"rotate(90 {x} {y})\""),
            FontTransform::Rotate180 => format!(" transform=\"rotate(180 {x} {y})\""),
            FontTransform::Rotate270 => format!(" transform=\"rotate(270 {x} {y})\""),
        };
        let text = escape(text);
        self.ink.raw(&format!(
            "<text x=\"{x}\" y=\"{y}\" dy=\"{down}\" text-anchor=\"{anchor}\"{turned}>{text}</text>\n"
        ));
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let width = text_width(text) * style.size() / TEXT_SIZE;
        Ok((width as u32, style.size() as u32))
    }
}

/// The height of text, in units.
pub const TEXT_SIZE: f64 = 13.0;

/// How wide a text is, in units: a guess on the safe side, for the font is the reader's.
pub fn text_width(text: &str) -> f64 {
    text.chars().count() as f64 * TEXT_SIZE * 0.67
}

fn units(coordinate: i32) -> String {
    decimal(f64::from(coordinate) / f64::from(SCALE))
}

/// `None` of what can't be seen.
fn class(color: BackendColor) -> Option<&'static str> {
    let is = |other: RGBColor| color.rgb == (other.0, other.1, other.2);
    let classes = [(GRID, "grid"), (AXIS, "axis"), (FRONT, "front")];
    let of_colour = classes.into_iter().find(|(of, _)| is(*of)).map_or("line", |(_, class)| class);
    (color.alpha > 0.0).then_some(of_colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_text_is_escaped() {
        assert_eq!([1.0, 1.04, 1.06, -0.5].map(decimal), ["1", "1", "1.1", "-0.5"]);
        assert_eq!(escape("a<b & \"c\""), "a&lt;b &amp; &quot;c&quot;");
    }
}
