# Writes OUT, the C++ source that holds FILES (separated by |) and CHART_JS as text; run by fer_embed().
string(REPLACE "|" ";" files "${FILES}")
set(texts "")
function(add_text name path)
  file(READ ${path} text)
  string(REGEX REPLACE "\n//# sourceMappingURL=[^\n]*" "" text "${text}")  # a browser would look for it
  if(text MATCHES "[)]fer_asset\"")
    message(FATAL_ERROR "${path} cannot be embedded: it holds )fer_asset\"")
  endif()
  string(APPEND texts "    {\"${name}\", R\"fer_asset(${text})fer_asset\"},\n")
  set(texts "${texts}" PARENT_SCOPE)
endfunction()

foreach(path ${files})
  get_filename_component(name ${path} NAME)
  add_text(${name} ${path})
endforeach()
add_text(chart.js ${CHART_JS})

file(WRITE ${OUT} "#include \"page_assets.hpp\"\n\n#include \"fer/core/error.hpp\"\n\nnamespace fer {\n
std::string_view page_asset(std::string_view name) {
  struct Asset {
    std::string_view name;
    std::string_view text;
  };
  static constexpr Asset kAssets[] = {\n${texts}  };
  for (const Asset& asset : kAssets)
    if (asset.name == name) return asset.text;
  throw failure(\"no page asset is called {}\", name);
}\n\n}  // namespace fer\n")
