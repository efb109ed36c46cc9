#pragma once

#include <filesystem>
#include <string>

#include "tree.hpp"

namespace fer {

/// Where the layout file `name` lies: in `folder`, below the working directory, in its configs/, or in the
/// configs/ installed with the program or of the checkout it was built in. Throws a usage error that begins
/// with `where`.
std::filesystem::path find_layout(const std::filesystem::path& name, const std::filesystem::path& folder,
                                  const std::string& where);

/// A document in which every source's layout that is named by a file is what the file holds, with its places,
/// and every source with a layout is of kind layout unless it says otherwise. `folder` is the document's.
void include_layouts(Tree& document, const std::filesystem::path& folder);

}  // namespace fer
