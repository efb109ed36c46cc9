#pragma once

namespace fer {

/// The probability that Student's t of that many degrees of freedom (any number > 0) lies at |t| or farther
/// from 0.
double student_t_p(double t, double degrees);

/// The t, or the normal deviate, that lies farther from 0 with the probability `p` (0 < p < 1): an interval's
/// half width in standard errors.
double student_t_beyond(double p, double degrees);
double normal_beyond(double p);

}  // namespace fer
