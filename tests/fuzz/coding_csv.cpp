#include "read_coding.hpp"

void fer::fuzz(std::string_view bytes) { read_and_check(as_file(bytes, "codings.csv")); }
