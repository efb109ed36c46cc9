#include "fer/config/load.hpp"
#include "target.hpp"

void fer::fuzz(std::string_view bytes) { load_layout(as_file(bytes, "layout.yaml")); }
