#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

/// Facial-expression training and inference.
namespace fer {

/// Who has to act, and with it the exit code of a program that ends on the error.
enum class ErrorKind {
  failure,  ///< something broke while running: 1
  usage,    ///< wrong option or configuration: 2
  data,     ///< data or model missing, damaged or unfit: 3
};

/// The only exception the library throws. what() is one line a person can act on: what, where, what was
/// expected.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

/// An error while running; the text as fmt::format() has it.
template <class... Args>
Error failure(fmt::format_string<Args...> text, Args&&... args) {
  return {ErrorKind::failure, fmt::format(text, std::forward<Args>(args)...)};
}

/// An error of whoever chose options or configuration.
template <class... Args>
Error usage_error(fmt::format_string<Args...> text, Args&&... args) {
  return {ErrorKind::usage, fmt::format(text, std::forward<Args>(args)...)};
}

/// An error in what was read.
template <class... Args>
Error data_error(fmt::format_string<Args...> text, Args&&... args) {
  return {ErrorKind::data, fmt::format(text, std::forward<Args>(args)...)};
}

}  // namespace fer
