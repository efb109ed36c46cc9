#pragma once

#include <span>
#include <vector>

namespace fer {

/// What a model that learned where the classes had the shares `trained` says where they have the shares
/// `wanted`: p wanted / trained, normalised (Bayes). A class that the training never saw (trained 0) gets 0,
/// as what the model says of it means nothing. Where nothing is left the probabilities come back as they are.
/// One probability and one share of either kind per class, else a failure.
std::vector<float> with_prior(std::span<const float> probabilities, std::span<const double> trained,
                              std::span<const double> wanted);

/// The shares of the classes in unlabelled data, by expectation maximisation (Saerens, Latinne & Decaestecker
/// 2002), until no share moves by 1e-6 or for 1000 rounds. `rows` holds the model's calibrated probabilities,
/// trained.size() for each sample, one sample after the other.
///
/// `pseudo_rows` is what the estimate holds against few samples: it counts the training's shares as so many
/// samples more (a Dirichlet prior). Without any (0, the method as published) ten frames that look a little
/// happy are called all happy. Over shares of every kind five came nearest, from 10 to 300 samples of seven
/// classes that overlap much. A class of share 0 in `trained` keeps it; no rows give `trained`.
/// Throws a failure for rows that are not whole and values that are not finite.
std::vector<double> estimate_prior(std::span<const float> rows, std::span<const double> trained,
                                   double pseudo_rows = 5);

}  // namespace fer
