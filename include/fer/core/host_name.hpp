#pragma once

#include <string>

namespace fer {

/// What this machine calls itself; "localhost" where the system does not say.
std::string host_name();

}  // namespace fer
