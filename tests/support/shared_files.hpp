#pragma once

#include <filesystem>

namespace fer::test {

/// Models, images and data beside the checkout; tests that need them skip where they are not.
inline const std::filesystem::path kShared = FER_SOURCE_DIR "/../shared";

}  // namespace fer::test
