#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <string_view>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "tier_files.hpp"

namespace fer {
namespace {

void append_utf8(std::string& text, std::uint32_t code) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

/// A byte-order mark tells the encoding. Half a surrogate pair becomes U+FFFD.
std::string utf8_of(std::string_view bytes) {
  if (bytes.starts_with("\xef\xbb\xbf")) return std::string(bytes.substr(3));
  const bool big = bytes.starts_with("\xfe\xff");
  if (!big && !bytes.starts_with("\xff\xfe")) return std::string(bytes);
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<std::uint32_t>(big ? first << 8 | second : second << 8 | first);
  };
  std::string text;
  for (std::size_t at = 2; at + 1 < bytes.size(); at += 2) {
    std::uint32_t code = unit(at);
    if (code >= 0xD800 && code < 0xE000) {
      const std::uint32_t low = code < 0xDC00 && at + 3 < bytes.size() ? unit(at + 2) : 0;
      const bool paired = low >= 0xDC00 && low < 0xE000;
      code = paired ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
      if (paired) at += 2;
    }
    append_utf8(text, code);
  }
  return text;
}

/// Praat's own rule for its text files: what counts is numbers and <flags> that stand free between blanks,
/// and strings in quotes; all other words are for people. So the long and the short format read alike.
class PraatText {
 public:
  PraatText(std::string text, std::string source) : text_(std::move(text)), source_(std::move(source)) {}

  std::string string() {
    return next([](std::string_view token) { return token.starts_with('"'); }, "a text in quotes");
  }

  double number() {
    const std::string token =
        next([](std::string_view word) { return parse_number(word).has_value(); }, "a number");
    const double value = *parse_number(token);
    if (!std::isfinite(value)) throw wrong("a finite number");
    return value;
  }

  std::size_t count() {
    const double value = number();
    if (!(value >= 0) || value > 1e7) throw wrong("a count");
    return static_cast<std::size_t>(value);
  }

  void flag() {
    next([](std::string_view token) { return token == "<exists>"; }, "<exists>");
  }

  Error wrong(std::string_view expected) const {
    return data_error("{}:{}: is no whole TextGrid: {} was expected", source_, line_, expected);
  }

  std::size_t line() const { return line_; }

 private:
  template <class Wanted>
  std::string next(const Wanted& wanted, std::string_view expected) {
    for (;;) {
      std::string token = this->token();
      if (token.empty()) throw wrong(expected);
      if (wanted(token)) return token[0] == '"' ? token.substr(1) : token;
      if (counts(token)) throw wrong(expected);
    }
  }

  static bool counts(const std::string& token) {
    return token[0] == '"' || token[0] == '<' || parse_number(token).has_value();
  }

  /// A word, or the content of a string behind one quote; empty at the end.
  std::string token() {
    skip_blanks();
    if (at_ == text_.size()) return {};
    if (text_[at_] == '"') return quoted();
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n", at_), text_.size());
    const std::string word = text_.substr(at_, end - at_);
    at_ = end;
    return word;
  }

  void skip_blanks() {
    for (; at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos;
         ++at_)
      line_ += text_[at_] == '\n';
  }

  std::string quoted() {
    std::string content = "\"";
    for (++at_; at_ < text_.size(); ++at_) {
      line_ += text_[at_] == '\n';
      if (text_[at_] == '"' && (at_ + 1 == text_.size() || text_[at_ + 1] != '"')) {
        ++at_;
        return content;
      }
      if (text_[at_] == '"') ++at_;
      content += text_[at_];
    }
    throw wrong("the end of a text in quotes");
  }

  std::string text_;
  std::string source_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

/// Behind its class and name.
void read_intervals(PraatText& praat, const std::string& source, Tier& tier) {
  praat.number();
  praat.number();
  for (std::size_t left = praat.count(); left > 0; --left) {
    TierPart part;
    part.begin = praat.number();
    part.where = fmt::format("{}:{}", source, praat.line());
    part.end = praat.number();
    part.text = praat.string();
    if (!trim(part.text).empty()) tier.parts.push_back(part);
  }
}

void skip_points(PraatText& praat) {
  praat.number();
  praat.number();
  for (std::size_t left = praat.count(); left > 0; --left) {
    praat.number();
    praat.string();
  }
}

}  // namespace

TierFile read_textgrid(const std::filesystem::path& path) {
  const std::string source = path.string();
  PraatText praat(utf8_of(read_file(path)), source);
  if (praat.string() != "ooTextFile" || praat.string() != "TextGrid")
    throw data_error("{}: is no TextGrid in a text format", source);
  praat.number();
  praat.number();
  praat.flag();
  TierFile file;
  for (std::size_t left = praat.count(); left > 0; --left) {
    const std::string kind = praat.string();
    Tier tier{.name = praat.string(), .parts = {}};
    if (kind == "IntervalTier") {
      read_intervals(praat, source, tier);
      file.tiers.push_back(std::move(tier));
    } else if (kind == "TextTier") {
      skip_points(praat);
    } else {
      throw praat.wrong("IntervalTier or TextTier");
    }
  }
  return file;
}

}  // namespace fer
