#pragma once

#include "fer/config/image_config.hpp"

namespace fer::test {

/// Images as they are.
inline AugmentConfig no_augmentation() {
  return {.flip = 0,
          .shift = {},
          .scale = {},
          .rotate = {},
          .brightness = {},
          .contrast = {},
          .colour = {},
          .blur = {},
          .noise = {},
          .erase = {}};
}

}  // namespace fer::test
