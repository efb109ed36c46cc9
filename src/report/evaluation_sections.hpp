#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "fer/report/training_page.hpp"

namespace fer {

// Sections of a page about how a part was classified, HTML; what their scripts (templates/training.js) need
// is in evaluation_data().

/// Headline figures with their intervals.
std::string figures_section(const PagePart& part);

/// Why it errs, in sentences, and a table of the groups, those that differ marked.
std::string errors_section(const PagePart& part, const ClassList& classes);

/// The confusion matrix: counts or shares of the label, and a place for the pictures behind a cell.
std::string confusion_section(const PagePart& part, const ClassList& classes);

/// Precision, recall and F1 of each class.
std::string classes_section(const PagePart& part, const ClassList& classes);

/// The reliability diagram and its figures as a table.
std::string reliability_section(const PagePart& part);

/// A row of pictures for each of the pairs confused most; nothing without crops.
std::string mistakes_section(const PagePart& part, const ClassList& classes);

/// {"reliability":{"after":[…],"before":[…]},"images":[{"src","path","said","meant"}],
/// "cells":{"LABEL,PREDICTED":[positions in images]}}
nlohmann::ordered_json evaluation_data(const PagePart& part);

/// "Validation part", "Test part", …
std::string part_title(const std::string& part);

}  // namespace fer
