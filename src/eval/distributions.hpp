#pragma once

namespace fer {

/// The probability that Student's t of that many degrees of freedom (any number > 0) lies at |t| or farther
/// from 0.
double student_t_p(double t, double degrees);

/// The t that lies farther from 0 with a probability of 5 %: an interval's half width in standard errors.
double student_t_95(double degrees);

}  // namespace fer
