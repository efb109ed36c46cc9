#pragma once

#include "lister.hpp"
#include "reader.hpp"
#include "writer.hpp"

// What is done with a description. Each struct has one function
//     describe(visitor, struct)
// that calls visitor.field(name, member, rule, sentence) once per member, in order. A member is a scalar, a
// list of texts (the rule holds for each), a map from names to any of these, another described struct, one
// that may be missing, or a list of those. A described struct finds the rule it was itself given in
// visitor.rule().
