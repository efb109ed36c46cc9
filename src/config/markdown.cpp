#include "fer/config/load.hpp"
#include "fer/core/error.hpp"

namespace fer {
namespace {

constexpr std::string_view kIntroduction = R"(# Configuration

<!-- Generated from src/config/experiment.cpp. FER_UPDATE_GOLDEN=1 and the config tests rewrite it. -->

An experiment is a YAML file. Every key has a default except `data.sources`, so a file says only what differs:

```yaml
data:
  sources:
    - kind: kdef
      root: ${KDEF_ROOT}
```

- `-c FILE` (`--config`) may be given several times. Later files win: maps merge key by key, lists are replaced whole.
- `--set KEY=VALUE` changes any key after the files: `--set train.epochs=10`. A list's entry goes by its number from
  0, and the number after the last adds one: `--set data.sources.0.root=/data/KDEF`. The value is YAML:
  `--set 'train.stages=[{trainable: head, epochs: 3}, {trainable: all}]'`.
- `--dump-config` prints the resolved experiment, every key included. It is a valid experiment file itself, and what a
  run keeps as `config.yaml`.
- `${NAME}` in a value becomes the environment variable; `${NAME:-default}` stands in where it is unset or empty, and
  an unset variable without a default is an error. `$${` is a plain `${`. Inside `[ ]` and `{ }` YAML wants quotes:
  `[{kind: kdef, root: "${KDEF_ROOT}"}]`.
- Relative paths (`experiment.output`, `data.sources.N.root`, `data.split.file`, `model.weights`) start at the current
  working directory, not at the YAML file; `data.sources.N.layout` alone starts there.
- Numbers are decimal (`0.001`, `1e-3`), truth values `true` and `false`. Unknown and duplicate keys are errors.

In the tables, `N` is the number of a list's entry, from 0.
)";

std::string code(const std::string& text) { return text.empty() ? "" : "`" + text + "`"; }

std::string allowed(const Field& field) {
  if (field.choices.empty()) return field.allowed;
  std::string text;
  for (const std::string& choice : field.choices) text += (text.empty() ? "" : ", ") + code(choice);
  return text;
}

}  // namespace

std::string configuration_markdown() {
  std::string text(kIntroduction);
  for (const Field& field : experiment_fields()) {
    const bool is_section = field.key.find('.') == std::string::npos;
    if (is_section) {
      text += fmt::format(
          "\n## {}\n\n{}\n\n| key | type | default | allowed | what it does |\n|---|---|---|---|---|\n",
          field.key, field.sentence);
    } else {
      text += fmt::format("| {} | {} | {} | {} | {} |\n", code(field.key), field.type,
                          code(field.default_value), allowed(field), field.sentence);
    }
  }
  return text;
}

}  // namespace fer
