#pragma once

#include <gtest/gtest.h>

#include <string>

#include "fer/core/error.hpp"

namespace fer::test {

/// The text of the error of that kind that `call` throws: one line. The test fails if none is thrown.
template <class Call>
std::string error_text(ErrorKind kind, Call&& call) {
  try {
    static_cast<void>(call());
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_EQ(error.kind(), kind) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    return text;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

}  // namespace fer::test
