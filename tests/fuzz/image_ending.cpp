#include "fer/vision/image.hpp"
#include "target.hpp"

/// Whether an image is cut off, which we read from its bytes; OpenCV decodes it.
void fer::fuzz(std::string_view bytes) { is_truncated(bytes); }
