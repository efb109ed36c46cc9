#pragma once

#include <filesystem>
#include <vector>

namespace fer {

/// The file of the running program; empty where the system does not tell.
std::filesystem::path own_program();

/// Where files that come with the project may lie, each folder once. `in_checkout` is theirs there, such as
/// data/models; installed they lie in share/fer under its last name. In this order, from the folder of
/// `program`: ../share/fer (as installed), the checkout two and three folders up (as built in build/ or
/// build/PRESET/), and then the checkout this was built from, or for a package /usr/share/fer.
std::vector<std::filesystem::path> own_folders(const std::filesystem::path& program,
                                               const std::filesystem::path& in_checkout);

}  // namespace fer
