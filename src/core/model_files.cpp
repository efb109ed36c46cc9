#include "fer/core/model_files.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

std::filesystem::path environment_path(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr ? value : "";
}

std::vector<std::filesystem::path> search_path(const std::filesystem::path& models_folder) {
  std::vector<std::filesystem::path> folders;
  for (const auto& folder : {models_folder, environment_path("FER_MODELS"), user_cache_folder() / "models"}) {
    if (!folder.empty()) folders.push_back(folder);
  }
  return folders;
}

constexpr char kGitHub[] = "https://raw.githubusercontent.com/";

std::vector<std::string> own_names(const std::string& backbone) {
  return {backbone + "-imagenet.safetensors", backbone + "-imagenet.pth"};
}

/// `digest`: the digits of its SHA-256 that torchvision puts into the name.
ModelFile torchvision_file(const std::string& backbone, const std::string& stem, const std::string& digest) {
  const std::string published = stem + "-" + digest + ".pth";
  std::vector<std::string> names = own_names(backbone);
  names.push_back(published);
  return {.name = backbone,
          .file_names = std::move(names),
          .url = "https://download.pytorch.org/models/" + published,
          .sha256 = digest,
          .licence =
              "BSD-3-Clause (torchvision); trained on ImageNet, whose images have research terms of "
              "their own"};
}

ModelFile mtcnn_file(const std::string& part, std::string digest) {
  return {.name = "mtcnn/" + part,
          .file_names = {part + ".pt", "mtcnn/" + part + ".pt"},
          .url = std::string(kGitHub) + "timesler/facenet-pytorch/master/data/" + part + ".pt",
          .sha256 = std::move(digest),
          .licence = "MIT (facenet-pytorch)"};
}

ModelFile blazeface_file(std::string name, const std::string& file, std::string digest) {
  return {.name = std::move(name),
          .file_names = {file, "blazeface/" + file},
          .url = std::string(kGitHub) + "hollance/BlazeFace-PyTorch/master/" + file,
          .sha256 = std::move(digest),
          .licence = "Apache-2.0 (MediaPipe; converted by BlazeFace-PyTorch)"};
}

/// Weights of the DeiT paper, whose networks are ViT's; the hash is part of the file's name.
ModelFile deit_file(const std::string& name, const std::string& file, const std::string& hash) {
  const std::string published = fmt::format("{}-{}.pth", file, hash);
  return {.name = name,
          .file_names = {name + "-imagenet.safetensors", published},
          .url = "https://dl.fbaipublicfiles.com/deit/" + published,
          .sha256 = hash,
          .licence = "Apache-2.0 (DeiT); trained on ImageNet, whose images have research terms of their own"};
}

/// The name up to the slash.
std::string model_of(const ModelFile& file) { return file.name.substr(0, file.name.find('/')); }

Error unknown_model(std::string_view name) {
  const std::vector<std::string> names = model_names();
  return usage_error("no model file is called '{}'{} (known: {})", name, did_you_mean(name, names),
                     join(names, ", "));
}

}  // namespace

std::filesystem::path user_cache_folder() {
  std::filesystem::path cache = environment_path("XDG_CACHE_HOME");
  if (cache.empty()) cache = environment_path("HOME") / ".cache";
  return cache / "fer";
}

std::span<const ModelFile> model_files() {
  static const std::vector<ModelFile> table = {
      torchvision_file("mobilenet_v2", "mobilenet_v2", "b0353104"),
      torchvision_file("mobilenet_v3_small", "mobilenet_v3_small", "047dcff4"),
      torchvision_file("mobilenet_v3_large", "mobilenet_v3_large", "8738ca79"),
      torchvision_file("efficientnet_b0", "efficientnet_b0_rwightman", "7f5810bc"),
      torchvision_file("efficientnet_b1", "efficientnet_b1_rwightman", "bac287d4"),
      torchvision_file("efficientnet_b2", "efficientnet_b2_rwightman", "c35c1473"),
      torchvision_file("efficientnet_b3", "efficientnet_b3_rwightman", "b3899882"),
      torchvision_file("efficientnet_b4", "efficientnet_b4_rwightman", "23ab8bcd"),
      torchvision_file("resnet18", "resnet18", "f37072fd"),
      torchvision_file("resnet50", "resnet50", "0676ba61"),
      deit_file("vit_tiny_patch16", "deit_tiny_patch16_224", "a1311bcf"),
      deit_file("vit_small_patch16", "deit_small_patch16_224", "cd65a155"),
      torchvision_file("vit_base_patch16", "vit_b_16", "c867db91"),
      {.name = "yunet",
       .file_names = {"yunet_n_640_640.onnx", "yunet/yunet_n_640_640.onnx"},
       .url = std::string(kGitHub) + "ShiqiYu/libfacedetection.train/master/onnx/yunet_n_640_640.onnx",
       .sha256 = "25a606a145a5b6d7271ae138fbd00eba91dad8b83222ae3f2c7ecd0f4a7b0e31",
       .licence = "Apache-2.0 (libfacedetection.train)"},
      mtcnn_file("pnet", "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f"),
      mtcnn_file("rnet", "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86"),
      mtcnn_file("onet", "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d"),
      blazeface_file("blazeface", "blazeface.pth",
                     "54ecff653feaaaf1f7d44b6aff28fd2fc50e483a4e847563b6dd261369c43ba4"),
      blazeface_file("blazeface_back", "blazefaceback.pth",
                     "e2c03bb3ae45e769eaaa0a7cc7d4f61f54a5e3fbae6367d870166702e7022b11"),
  };
  return table;
}

const ModelFile& model_file(std::string_view name) {
  for (const ModelFile& file : model_files()) {
    if (file.name == name) return file;
  }
  throw unknown_model(name);
}

ModelFile imagenet_weights(const std::string& backbone) {
  for (const ModelFile& file : model_files()) {
    if (file.name == backbone) return file;
  }
  return {.name = backbone, .file_names = own_names(backbone), .url = {}, .sha256 = {}, .licence = {}};
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const ModelFile& file : model_files()) {
    if (std::string name = model_of(file); names.empty() || names.back() != name)
      names.push_back(std::move(name));
  }
  return names;
}

std::vector<ModelFile> files_of_model(std::string_view name) {
  std::vector<ModelFile> files;
  std::ranges::copy_if(model_files(), std::back_inserter(files),
                       [&](const ModelFile& file) { return model_of(file) == name; });
  if (files.empty()) throw unknown_model(name);
  return files;
}

std::filesystem::path default_models_folder() { return search_path({}).front(); }

std::optional<std::filesystem::path> find_model_file(const ModelFile& file,
                                                     const std::filesystem::path& models_folder) {
  for (const auto& folder : search_path(models_folder)) {
    for (const std::string& name : file.file_names) {
      std::error_code ignored;
      if (std::filesystem::is_regular_file(folder / name, ignored)) return folder / name;
    }
  }
  return std::nullopt;
}

std::filesystem::path require_model_file(const ModelFile& file, const std::filesystem::path& models_folder) {
  if (auto found = find_model_file(file, models_folder)) return *found;
  std::vector<std::string> folders;
  for (const auto& folder : search_path(models_folder)) folders.push_back(folder.string());
  if (file.url.empty()) {
    throw data_error(
        "the weights of {} are not in {}: {} was looked for, which 'fer-data fetch' does not know", file.name,
        join(folders, " or "), join(file.file_names, " or "));
  }
  throw data_error(
      "the weights of {} are not in {}: run 'fer-data fetch {}', or name the folder with --models-dir",
      file.name, join(folders, " or "), model_of(file));
}

}  // namespace fer
