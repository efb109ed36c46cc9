#include <pango/pangocairo.h>

#include <cmath>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/report/figure.hpp"
#include "figure_type.hpp"

namespace fer {
namespace {

constexpr double kScale = 300.0 / 72;  // dots a point

template <auto destroy>
struct Destroy {
  void operator()(auto* object) const { destroy(object); }
};
using Surface = std::unique_ptr<cairo_surface_t, Destroy<cairo_surface_destroy>>;
using Context = std::unique_ptr<cairo_t, Destroy<cairo_destroy>>;
using Layout = std::unique_ptr<PangoLayout, Destroy<g_object_unref>>;
using Font = std::unique_ptr<PangoFontDescription, Destroy<pango_font_description_free>>;
using FontOptions = std::unique_ptr<cairo_font_options_t, Destroy<cairo_font_options_destroy>>;

/// A page of that many dots on which lengths are points.
class Page {
 public:
  explicit Page(cv::Size dots)
      : surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, dots.width, dots.height)),
        context_(cairo_create(surface_.get())) {
    if (const auto status = cairo_status(context_.get()); status != CAIRO_STATUS_SUCCESS)
      throw failure("a figure of {} x {} dots: {}", dots.width, dots.height, cairo_status_to_string(status));
    cairo_scale(context_.get(), kScale, kScale);
    cairo_set_line_join(context_.get(), CAIRO_LINE_JOIN_ROUND);
    // Letters as they are shaped, whatever the machine's settings for its screen.
    const FontOptions options(cairo_font_options_create());
    cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(context_.get(), options.get());
  }

  cairo_surface_t* surface() const { return surface_.get(); }
  cairo_t* context() const { return context_.get(); }

  Layout layout(const std::string& words, const Type& type) const {
    const Font font(pango_font_description_new());
    pango_font_description_set_family_static(font.get(), kFamilies);
    pango_font_description_set_weight(font.get(), type.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font.get(), type.size * PANGO_SCALE);
    Layout layout(pango_cairo_create_layout(context_.get()));
    pango_context_set_round_glyph_positions(pango_layout_get_context(layout.get()), FALSE);
    pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
    pango_layout_set_font_description(layout.get(), font.get());
    pango_layout_set_text(layout.get(), words.data(), static_cast<int>(words.size()));
    return layout;
  }

 private:
  Surface surface_;
  Context context_;
};

double width_of(PangoLayout* layout) {
  PangoRectangle place;
  pango_layout_get_extents(layout, nullptr, &place);
  return static_cast<double>(place.width) / PANGO_SCALE;
}

/// Draws the parts of a figure.
class Brush {
 public:
  explicit Brush(const Page& page) : page_(page), cairo_(page.context()) {}

  void operator()(const FigureLine& line) const {
    cairo_new_path(cairo_);
    for (const cv::Point2d& point : line.points) cairo_line_to(cairo_, point.x, point.y);
    std::vector<double> dashes(line.pen.dashes.begin(), line.pen.dashes.end());
    for (double& dash : dashes) dash *= line.pen.width;
    cairo_set_dash(cairo_, dashes.data(), static_cast<int>(dashes.size()), 0);
    cairo_set_line_width(cairo_, line.pen.width);
    take(line.pen.colour);
    cairo_stroke(cairo_);
  }

  void operator()(const FigureBox& box) const {
    cairo_new_path(cairo_);
    cairo_rectangle(cairo_, box.area.x, box.area.y, box.area.width, box.area.height);
    take(box.fill);
    cairo_fill(cairo_);
  }

  void operator()(const FigureDot& dot) const {
    cairo_new_path(cairo_);
    cairo_arc(cairo_, dot.centre.x, dot.centre.y, dot.radius, 0, 2 * CV_PI);
    take(dot.fill);
    cairo_fill(cairo_);
  }

  void operator()(const FigureText& text) const {
    const Layout layout = page_.layout(text.words, text.type);
    const double share = static_cast<double>(text.type.anchor) / 2;
    cairo_save(cairo_);
    cairo_translate(cairo_, text.at.x, text.at.y);
    if (text.type.upwards) cairo_rotate(cairo_, -CV_PI / 2);
    cairo_move_to(cairo_, -share * width_of(layout.get()), kCapital / 2 * text.type.size);
    take(text.type.colour);
    pango_cairo_show_layout_line(cairo_, pango_layout_get_line_readonly(layout.get(), 0));
    cairo_restore(cairo_);
  }

 private:
  void take(Rgb colour) const {
    cairo_set_source_rgb(cairo_, colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0);
  }

  const Page& page_;
  cairo_t* cairo_;
};

cairo_status_t append(void* bytes, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

/// Cairo writes no resolution: a pHYs chunk of 11811 dots a metre goes behind the header.
std::string with_resolution(std::string png) {
  constexpr std::size_t kHeaderEnds = 8 + 25;
  using namespace std::string_view_literals;
  return png.insert(kHeaderEnds, "\0\0\0\tpHYs\0\0\x2e\x23\0\0\x2e\x23\x01\x78\xa5\x3f\x76"sv);
}

int dots(double points) { return static_cast<int>(std::lround(points * kScale)); }

}  // namespace

double printed_width(std::string_view words, const Type& type) {
  return width_of(Page({1, 1}).layout(std::string(words), type).get());
}

std::string figure_png(const Figure& figure) {
  const Page page({dots(figure.size().width), dots(figure.size().height)});
  const Brush brush(page);
  brush(FigureBox{.area = {{0, 0}, figure.size() + cv::Size2d(1, 1)}, .fill = kWhite});
  for (const FigurePart& part : figure.parts()) std::visit(brush, part);
  std::string png;
  if (const auto status = cairo_surface_write_to_png_stream(page.surface(), append, &png);
      status != CAIRO_STATUS_SUCCESS)
    throw failure("a figure could not be written as PNG: {}", cairo_status_to_string(status));
  return with_resolution(std::move(png));
}

}  // namespace fer
