#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace fer {

/// Each label in 0..classes-1 has one row of `classes` finite values; at least one sample.
/// Throws a failure for lists of different length and values that are not finite, otherwise a data error;
/// each names the first sample.
void check_rows(std::span<const int> labels, std::span<const std::vector<float>> rows, int classes);

/// Rows of `classes` finite values, one after the other; any number of them. Throws a failure otherwise.
void check_flat_rows(std::span<const float> rows, std::size_t classes);

/// One cluster for each sample, as Clusters::names. Throws a failure otherwise.
void check_clusters(std::span<const std::string> clusters, std::size_t samples);

}  // namespace fer
