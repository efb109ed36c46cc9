#include "fer/app/program.hpp"

int main(int argc, char** argv) { return fer::run_program(fer::export_tool, argc, argv); }
