#pragma once

#include <cstdint>
#include <string_view>

namespace fer {

/// The learning rate of a step as a pure function, so that resuming needs nothing but the step.
/// "constant": `base`. "cosine": from `base` at step 0 down to 1 % of it at the last of `steps` steps
/// (Loshchilov & Hutter 2017). Throws a usage error for another name.
double learning_rate(std::string_view schedule, double base, std::int64_t step, std::int64_t steps);

}  // namespace fer
