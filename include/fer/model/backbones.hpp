#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace fer {

class Classifier;

/// What a classifier is made by; check_options() says which values a backbone takes.
struct ClassifierOptions {
  std::string backbone = "mobilenet_v2";
  int classes = 7;
  double dropout = 0.2;
  double width = 1;               ///< factor of the numbers of channels; other than 1 not for every backbone
  double stochastic_depth = 0.2;  ///< probability of leaving out the last block in training, falling to 0 at
                                  ///< the first; for backbones that have it
  int input_size = 224;           ///< side of the images in pixels
};

/// A row of the table of backbones: all the project knows of one but its own file. Layers and their names
/// are the maker's affair.
struct BackboneKind {
  std::string name;     ///< torchvision's or timm's
  std::string summary;  ///< a line for people: what it is, its parameters and multiply-adds
  std::string head;     ///< what the names of the head's parameters begin with: these a new task replaces
  std::function<std::shared_ptr<Classifier>(const ClassifierOptions&)> make;
  int input_size = 224;    ///< pixels a side its published figures are for; others work, too
  int size_step = 1;       ///< what an input's side is a multiple of
  bool any_width = false;  ///< whether ClassifierOptions::width may be other than 1
};

/// Every backbone; the one table behind configuration, help and error texts.
std::span<const BackboneKind> backbones();

/// Throws a usage error that lists the names for an unknown one.
const BackboneKind& backbone(std::string_view name);

/// Throws a usage error if the backbone does not come in this width, or does not take this input.
void check_options(const ClassifierOptions& options);

/// Randomly initialised (each backbone in its own way, from torch's default generator), in channels-last
/// layout. Throws a usage error as check_options() does.
std::shared_ptr<Classifier> make_classifier(const ClassifierOptions& options);

}  // namespace fer
