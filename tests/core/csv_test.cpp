#include "fer/core/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "fer/core/random.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {

bool operator==(const CsvRow& a, const CsvRow& b) { return a.line == b.line && a.fields == b.fields; }
void PrintTo(const CsvRow& row, std::ostream* out) {
  *out << row.line << ": " << testing::PrintToString(row.fields);
}

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<CsvRow> parse(std::string_view text) { return parse_csv(text, "list.csv"); }

TEST(CsvTest, PlainRows) {
  EXPECT_THAT(parse("path,label\na.jpg,happy\n"),
              ElementsAre(CsvRow{1, {"path", "label"}}, CsvRow{2, {"a.jpg", "happy"}}));
}

TEST(CsvTest, TheLastLineEndIsOptional) {
  EXPECT_THAT(parse("a,b\nc,d"), ElementsAre(CsvRow{1, {"a", "b"}}, CsvRow{2, {"c", "d"}}));
}

TEST(CsvTest, BlanksBelongToTheField) { EXPECT_THAT(parse(" a , b"), ElementsAre(CsvRow{1, {" a ", " b"}})); }

TEST(CsvTest, EmptyFieldsCount) {
  EXPECT_THAT(parse(",\n,,a\n\"\",\n"),
              ElementsAre(CsvRow{1, {"", ""}}, CsvRow{2, {"", "", "a"}}, CsvRow{3, {"", ""}}));
}

TEST(CsvTest, QuotedFieldsHoldCommasQuotesAndLineEnds) {
  EXPECT_THAT(parse("\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\"\n"),
              ElementsAre(CsvRow{1, {"a,b", "say \"hi\"", "two\r\nlines"}}));
}

TEST(CsvTest, AQuoteInsideAPlainFieldIsOrdinary) {
  EXPECT_THAT(parse("5\" disc,b\n"), ElementsAre(CsvRow{1, {"5\" disc", "b"}}));
}

TEST(CsvTest, CrLfAndLfMayBeMixed) {
  EXPECT_THAT(parse("a,b\r\nc,d\ne,f\r\n"),
              ElementsAre(CsvRow{1, {"a", "b"}}, CsvRow{2, {"c", "d"}}, CsvRow{3, {"e", "f"}}));
}

TEST(CsvTest, AByteOrderMarkIsSkipped) {
  EXPECT_THAT(parse("\xef\xbb\xbfpath\na\n"), ElementsAre(CsvRow{1, {"path"}}, CsvRow{2, {"a"}}));
  EXPECT_THAT(parse("\xef\xbb\xbf\"path\"\n"), ElementsAre(CsvRow{1, {"path"}}));
}

TEST(CsvTest, EmptyLinesAreSkippedButCounted) {
  EXPECT_THAT(parse("\n\r\na\n\n\nb\n\n"), ElementsAre(CsvRow{3, {"a"}}, CsvRow{6, {"b"}}));
  EXPECT_THAT(parse(""), IsEmpty());
  EXPECT_THAT(parse("\xef\xbb\xbf"), IsEmpty());
  EXPECT_THAT(parse("\n\r\n"), IsEmpty());
}

TEST(CsvTest, ARowOfOneQuotedEmptyFieldIsNoEmptyLine) {
  EXPECT_THAT(parse("\"\"\n"), ElementsAre(CsvRow{1, {""}}));
}

TEST(CsvTest, ARowHasTheNumberOfItsFirstLine) {
  EXPECT_THAT(parse("a,\"1\n2\n3\"\nb,c\n\"\n\",d\ne,f\n"),
              ElementsAre(CsvRow{1, {"a", "1\n2\n3"}}, CsvRow{4, {"b", "c"}}, CsvRow{5, {"\n", "d"}},
                          CsvRow{7, {"e", "f"}}));
}

TEST(CsvTest, AnUnclosedQuoteNamesTheLineItBeginsOn) {
  EXPECT_EQ(test::error_text(ErrorKind::data, [] { return parse("a,b\nc,\"d\ne,f\n"); }),
            "list.csv:2: a quoted field is never closed");
  EXPECT_EQ(test::error_text(ErrorKind::data, [] { return parse("\"1\n2\",\"\n"); }),
            "list.csv:2: a quoted field is never closed");
}

TEST(CsvTest, AZeroByteIsNoText) {
  using namespace std::string_literals;
  EXPECT_EQ(test::error_text(ErrorKind::data, [] { return parse("path\na.png\0.jpg\n"s); }),
            "list.csv:2: holds a zero byte: it is no text, or is in UTF-16 where UTF-8 is expected");
}

CsvTable read_table(std::string_view text) {
  const test::TempFolder folder;
  return read_csv_table(folder.write("list.csv", text));
}

TEST(CsvTable, ColumnsAreFoundByNameWhateverTheirOrderAndCase) {
  const CsvTable table = read_table("\xef\xbb\xbf Path ,LABEL\r\nA.jpg, Happy\r\n");
  EXPECT_THAT(table.columns, ElementsAre("path", "label"));
  EXPECT_THAT(table.rows, ElementsAre(CsvRow{2, {"A.jpg", " Happy"}})) << "fields stay as they are";
  EXPECT_EQ(table.require("path"), 0U);
  EXPECT_EQ(table.require("label"), 1U);
}

TEST(CsvTable, AMissingColumnIsNamedWithThoseThereAre) {
  const CsvTable table = read_table("path,label\n");
  EXPECT_THAT(table.rows, IsEmpty());
  EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return table.require("subject"); }),
            table.source + ":1: there is no column 'subject' (found: path, label)");
}

TEST(CsvTable, ARowOfAnotherLengthIsNamedByItsLine) {
  EXPECT_THAT(test::error_text(ErrorKind::data, [] { return read_table("a,b\n\n\"1\n2\",3\n4\n"); }),
              testing::EndsWith("list.csv:5: expected 2 fields, found 1"));
  EXPECT_THAT(test::error_text(ErrorKind::data, [] { return read_table("a,b\n1,2,\n"); }),
              testing::EndsWith("list.csv:2: expected 2 fields, found 3"));
}

TEST(CsvTable, AnEmptyOrMissingFileIsADataErrorThatNamesIt) {
  for (const char* text : {"", "\n\n", "\xef\xbb\xbf"}) {
    EXPECT_THAT(test::error_text(ErrorKind::data, [&] { return read_table(text); }),
                testing::EndsWith("list.csv: is empty, expected a first line that names the columns"));
  }
  EXPECT_THAT(test::error_text(ErrorKind::data, [] { return read_csv_table("/nowhere/list.csv"); }),
              testing::StartsWith("/nowhere/list.csv: "));
}

TEST(CsvTest, CsvLineQuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(csv_line(std::vector<std::string>{"a.jpg", "happy", ""}), "a.jpg,happy,\n");
  EXPECT_EQ(csv_line(std::vector<std::string>{"a,b", "say \"hi\"", "x\ny", "\r", " "}),
            "\"a,b\",\"say \"\"hi\"\"\",\"x\ny\",\"\r\", \n");
}

TEST(CsvTest, CsvLineReadsBackAsTheSameFields) {
  const std::vector<std::vector<std::string>> rows = {{"a", "b"},
                                                      {"", ""},
                                                      {""},
                                                      {"\""},
                                                      {"\"\"", ","},
                                                      {"\r\n", "\n"},
                                                      {"\xc3\xa9t\xc3\xa9", " "},
                                                      {"\xEF\xBB\xBF"
                                                       "a",
                                                       "b"}};
  for (const auto& fields : rows) {
    EXPECT_THAT(parse(csv_line(fields)), ElementsAre(CsvRow{1, fields})) << testing::PrintToString(fields);
  }
}

TEST(CsvTest, CsvLineReadsBackAsTheSameFieldsForRandomText) {
  constexpr std::string_view kLetters = "ab,\"\r\n ";
  Rng rng(7);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> fields(1 + rng.below(4));
    for (std::string& field : fields) {
      for (std::size_t length = rng.below(6); length > 0; --length) field += kLetters[rng.below(7)];
    }
    ASSERT_THAT(parse(csv_line(fields)), ElementsAre(CsvRow{1, fields})) << testing::PrintToString(fields);
  }
}

template <class Float>
Float read_back(const std::string& text) {
  Float value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  EXPECT_TRUE(error == std::errc{} && end == text.data() + text.size()) << text;
  return value;
}

TEST(CsvTest, NumbersAreAsShortAsTheyCanBe) {
  EXPECT_EQ(csv_number(0.1), "0.1");
  EXPECT_EQ(csv_number(0.1F), "0.1");
  EXPECT_EQ(csv_number(3.0), "3");
  EXPECT_EQ(csv_number(-0.25F), "-0.25");
}

TEST(CsvTest, NumbersReadBackExactly) {
  Rng rng(11);
  for (int i = 0; i < 5000; ++i) {
    const auto wide = std::bit_cast<double>(rng.next());
    const auto narrow = std::bit_cast<float>(static_cast<std::uint32_t>(rng.next()));
    if (std::isfinite(wide)) {
      ASSERT_EQ(read_back<double>(csv_number(wide)), wide);
    }
    if (std::isfinite(narrow)) {
      ASSERT_EQ(read_back<float>(csv_number(narrow)), narrow);
    }
  }
  EXPECT_EQ(read_back<double>(csv_number(std::numeric_limits<double>::denorm_min())),
            std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(read_back<float>(csv_number(std::numeric_limits<float>::max())),
            std::numeric_limits<float>::max());
}

TEST(CsvTest, NotANumberIsEmpty) {
  EXPECT_EQ(csv_number(std::numeric_limits<double>::quiet_NaN()), "");
  EXPECT_EQ(csv_number(-std::numeric_limits<float>::quiet_NaN()), "");
}

}  // namespace
}  // namespace fer
