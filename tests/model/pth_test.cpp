#include <gtest/gtest.h>

#include "model/pth_files.hpp"

namespace fer::test {
namespace {

using testing::HasSubstr;

const auto kReadPth = [](const std::filesystem::path& path) { read_pth(path); };

class Pth : public WeightFiles {
 protected:
  /// Of the same pickle in an archive and in a legacy file, which have to agree.
  std::string error(const std::string& pickle, const std::string& storage = four_floats()) const {
    const std::string text = error_of(pth_zip(pickle, storage), kReadPth);
    EXPECT_EQ(error_of(pth_legacy(pickle, storage), kReadPth), text);
    return text;
  }
  std::string tensor_error(const PyTensor& tensor) const { return error(py_state(tensor)); }
};

TEST_F(Pth, ReadsWhatPythonWrote) {
  expect_same(read_pth(golden("zip.pth")), golden_tensors());
  expect_same(read_pth(golden("legacy.pth")), golden_tensors());
}

TEST_F(Pth, ReadsTheStateDictInsideATrainingsCheckpoint) {
  expect_same(read_pth(golden("protocol5.pth")), golden_tensors());  // under "model", beside "epoch"
}

TEST_F(Pth, ReadsDeflatedArchives) {
  const TensorMap tensors = read_pth(golden("deflated.pth"));  // under "state_dict"
  ASSERT_EQ(tensors.size(), 1U);
  std::vector<double> expected(300);
  for (std::size_t i = 0; i < 300; ++i) expected[i] = static_cast<double>(i / 100);
  expect_same(tensors, {{"weight", make(at::kLong, {300}, expected)}});
}

TEST_F(Pth, ReadsArchivesWithoutChecksums) {
  expect_same(read_pth(golden("no-crc.pth")), {{"weight", make(at::kFloat, {3}, {0, 1, 2})}});
}

TEST_F(Pth, ReadsZip64) {
  const auto path = write(zip_of({{.name = "x/data.pkl", .bytes = py_state({})},
                                  {.name = "x/data/0", .bytes = four_floats()},
                                  {.name = "x/byteorder", .bytes = "little"}},
                                 true));
  expect_same(read_pth(path), {{"w", make(at::kFloat, {4}, {1, 2, 3, 4})}});
}

TEST_F(Pth, ReadsPython2sOrderedDictOfPairsAndByteNames) {
  const std::string pair = "](U\1w" + py_tensor({}) + "e";
  const std::string dict = py_global("collections", "OrderedDict") + py_tuple("](" + pair + "e") + "R";
  expect_same(read_pth(write(pth_legacy(py_pickle(dict)))), {{"w", make(at::kFloat, {4}, {1, 2, 3, 4})}});
}

TEST_F(Pth, GathersAnyStridesAndOffsets) {
  const PyTensor odd{.count = 4, .offset = 1, .sizes = {2, 1, 2}, .strides = {1, 1LL << 62, 1}};
  expect_same(read_pth(write(pth_zip(py_state(odd)))), {{"w", make(at::kFloat, {2, 1, 2}, {2, 3, 3, 4})}});
}

TEST_F(Pth, TheLastOfTwoEqualNamesCounts) {
  const std::string second = py_tensor({.sizes = {1}});
  const std::string twice = py_pickle(py_dict(py_text("w") + py_tensor({}) + py_text("w") + second));
  expect_same(read_pth(write(pth_zip(twice))), {{"w", make(at::kFloat, {1}, {1})}});
}

TEST_F(Pth, RefusesEveryNameThatIsNoTensorData) {
  const auto refusal = [](const std::string& name) {
    return "refused: the pickle names " + name + ", which is no tensor data";
  };
  const std::string touch = py_tuple(py_text("touch " + (folder_ / "ran").string())) + "R";
  EXPECT_EQ(error(py_pickle(py_global("posix", "system") + touch)), refusal("posix.system"));
  EXPECT_EQ(error(py_pickle(py_global("os", "system") + touch)), refusal("os.system"));
  EXPECT_EQ(error("\x80\x04\x8c\x05posix\x8c\x06system\x93" + touch + "."), refusal("posix.system"));
  EXPECT_EQ(error("\x80\x04\x8c\x08"
                  "builtins\x8c\x04"
                  "eval\x93" +
                  touch + "."),
            refusal("builtins.eval"));
  EXPECT_EQ(error(py_pickle(py_global("builtins", "eval") + touch)), refusal("builtins.eval"));
  EXPECT_EQ(error(py_pickle(py_global("torch.storage", "_load_from_bytes") + touch)),
            refusal("torch.storage._load_from_bytes"));
  EXPECT_EQ(error(py_pickle(py_dict(py_text("w") + py_global("collections", "Counter")))),
            refusal("collections.Counter"));
  EXPECT_EQ(error(py_pickle(py_global("torch", "FloatStorage\x01\xc3"))), refusal("torch.FloatStorage?\xc3"));
  // What stands in one of the preamble's pickles is refused too.
  EXPECT_EQ(error_of(py_pickle(py_global("posix", "system") + touch), kReadPth), refusal("posix.system"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "ran"));
}

TEST_F(Pth, RefusesOpcodesOfOtherPickles) {
  EXPECT_THAT(error(py_pickle("(iposix\nsystem\n")), HasSubstr("opcode 0x69"));  // INST
  EXPECT_THAT(error(py_pickle("}\x81")), HasSubstr("opcode 0x81"));              // NEWOBJ
  EXPECT_THAT(error(py_pickle("\x82\x01")), HasSubstr("opcode 0x82"));           // EXT1
  EXPECT_THAT(error(py_pickle("P0\n")), HasSubstr("opcode 0x50"));               // PERSID
  EXPECT_THAT(error("\x80\x06N."), HasSubstr("protocol 6 is not known"));
}

TEST_F(Pth, RefusesPicklesThatMakeNoSense) {
  const std::string ordered = py_global("collections", "OrderedDict");
  for (const std::string& object : {std::string(),
                                    std::string("0"),
                                    std::string("2"),
                                    std::string("s"),
                                    std::string("}s"),
                                    std::string("t"),
                                    std::string("u"),
                                    std::string("]NNs"),
                                    std::string(")Na"),
                                    std::string("}(Nu"),
                                    std::string("(0t"),
                                    std::string("N(\x85t"),
                                    std::string("NR"),
                                    std::string("N)R"),
                                    std::string("NQ"),
                                    std::string(")Q"),
                                    std::string("Nb"),
                                    std::string("]}b"),
                                    std::string("}Nb"),
                                    std::string("NN\x93"),
                                    std::string("h\x05"),
                                    std::string("j\xff\xff\xff\xff"),
                                    ordered + "NR",
                                    ordered + py_tuple("N") + "R",
                                    ordered + py_tuple("](Ne") + "R",
                                    ordered + py_tuple("](](Nee") + "R",
                                    py_global("torch", "FloatStorage") + py_tuple("N") + "R",
                                    py_global("torch", "Size") + ")R",
                                    py_global("torch", "Size") + py_tuple("N") + "R",
                                    py_global("torch", "device") + py_tuple("N") + "R",
                                    py_global("torch._utils", "_rebuild_parameter") + py_tuple("N") + "R",
                                    py_global("torch._utils", "_rebuild_tensor_v2") + py_tuple("NNNN") + "R",
                                    py_global("torch._utils", "_rebuild_tensor_v2") + py_tuple("N") + "R"}) {
    EXPECT_THAT(error(py_pickle(object)), HasSubstr("the pickle is damaged"))
        << testing::PrintToString(object);
  }
}

TEST_F(Pth, AcceptsWhatSurroundsTensors) {
  const std::string parameter =
      py_global("torch._utils", "_rebuild_parameter") + py_tuple(py_tensor({}) + "\x88}") + "R";
  const std::string state = py_global("collections", "OrderedDict") + ")R(" + py_text("w") + parameter + "u" +
                            py_dict(py_text("_metadata") + "}") + "b";
  const std::string others = py_text("size") + py_global("torch", "Size") + py_tuple(py_tuple("K\1")) + "R" +
                             py_text("device") + py_global("torch", "device") + py_tuple(py_text("cpu")) +
                             "R" + py_text("lists") + "](NG\x3f\xf0" + std::string(6, '\0') +
                             "\x88"
                             "eNa";
  // The dict holds itself: circles need no care.
  const std::string object =
      "}q\x01(" + py_text("me") + "h\x01" + py_text("state_dict") + state + "u(" + others + "u";
  EXPECT_EQ(error(py_pickle(object)), "no error");
}

TEST_F(Pth, BoundsWhatAPickleCanGrowTo) {
  EXPECT_THAT(error(py_pickle(std::string(1'100'000, 'N'))), HasSubstr("more than 1000000 objects"));
  EXPECT_THAT(error(py_pickle("N" + std::string(1'100'000, '2'))), HasSubstr("stack grows"));
  EXPECT_THAT(error(py_pickle("N" + std::string(1'100'000, '\x94'))), HasSubstr("memo grows"));
  EXPECT_THAT(error(py_pickle(std::string(1'100'000, '('))), HasSubstr("nested beyond"));
  std::string deep = "]";
  for (int i = 0; i < 400'000; ++i) deep += "\x85";
  EXPECT_THAT(error_of(pth_zip(py_pickle(deep)), kReadPth), HasSubstr("holds a list, a state dict"));
  // One list of 600000 pairs, made into a dict again and again.
  const std::string pairs = "](](NNeq\x01" + std::string(600'000, '2') + "eq\x02" + "0";
  const std::string dict = py_global("collections", "OrderedDict") + "h\x02\x85R";
  EXPECT_THAT(error(py_pickle(pairs + dict + dict)), HasSubstr("dicts grow"));
}

TEST_F(Pth, RefusesTensorsThatLeaveTheirStorage) {
  EXPECT_EQ(tensor_error({}), "no error");
  EXPECT_THAT(tensor_error({.sizes = {5}}),
              HasSubstr("tensor 'w': a tensor reaches to element 5 of a storage of 16 bytes"));
  EXPECT_THAT(tensor_error({.offset = 1}), HasSubstr("reaches to element 5"));
  EXPECT_THAT(tensor_error({.sizes = {2, 2}, .strides = {3, 1}}), HasSubstr("reaches to element 5"));
  EXPECT_THAT(tensor_error({.offset = 1LL << 40, .sizes = {1}}), HasSubstr("reaches to element"));
  EXPECT_EQ(tensor_error({.offset = 1LL << 40, .sizes = {0}}), "no error");
  for (const PyTensor& tensor :
       {PyTensor{.offset = -1}, PyTensor{.strides = {-1}}, PyTensor{.offset = INT64_MAX, .sizes = {1}},
        PyTensor{.offset = INT64_MAX - 1, .sizes = {2}}, PyTensor{.sizes = {3}, .strides = {INT64_MAX}},
        PyTensor{.sizes = {2, 2}, .strides = {INT64_MAX, 1}}}) {
    EXPECT_THAT(tensor_error(tensor), HasSubstr("impossible offset or stride"));
  }
  EXPECT_THAT(tensor_error({.sizes = {-1}}), HasSubstr("impossible shape"));
  EXPECT_THAT(tensor_error({.sizes = {1LL << 32, 1LL << 32}, .strides = {0, 0}}),
              HasSubstr("impossible shape"));
  EXPECT_THAT(tensor_error({.sizes = {1LL << 61}, .strides = {0}}), HasSubstr("impossible size"));
  EXPECT_THAT(tensor_error({.sizes = {2, 2}}), HasSubstr("2 sizes but 1 strides"));
  EXPECT_THAT(tensor_error({.sizes = std::vector<std::int64_t>(65, 1)}), HasSubstr("65 dimensions"));
}

TEST_F(Pth, RefusesTensorsThatRepeatAStorageToFillTheMemory) {
  EXPECT_THAT(tensor_error({.sizes = {1LL << 33}, .strides = {0}}), HasSubstr("many times the file's size"));
  std::string many;
  for (int i = 0; i < 20; ++i) {
    many += py_text(std::to_string(i)) + py_tensor({.sizes = {1 << 20}, .strides = {0}});
  }
  EXPECT_THAT(error(py_pickle(py_dict(many))), HasSubstr("many times the file's size"));
}

TEST_F(Pth, RefusesStoragesThatAreNotAsDescribed) {
  EXPECT_THAT(tensor_error({.count = -1}), HasSubstr("impossible size"));
  EXPECT_THAT(tensor_error({.count = 1LL << 62}), HasSubstr("impossible size"));
  EXPECT_THAT(tensor_error({.type = "OrderedDict"}),
              HasSubstr("refused: the pickle names torch.OrderedDict"));
  const std::string two = py_text("v") + py_tensor({}) + py_text("w") + py_tensor({.type = "IntStorage"});
  EXPECT_THAT(error(py_pickle(py_dict(two))), HasSubstr("storage '0' is described in two ways"));
  EXPECT_THAT(error(py_pickle(py_storage({}, "N"))), HasSubstr("holds a storage"));
  EXPECT_THAT(error(py_pickle(py_storage({}, py_tuple("")))), HasSubstr("PyTorch before 0.4"));

  const auto zip = [&](const PyTensor& tensor) { return error_of(pth_zip(py_state(tensor)), kReadPth); };
  EXPECT_THAT(zip({.count = 5}), HasSubstr("truncated: storage '0' has 16 bytes for 5 elements"));
  EXPECT_THAT(zip({.key = "1"}), HasSubstr("has no 'x/data/1'"));
  const auto legacy = [&](const PyTensor& tensor) {
    return error_of(pth_legacy(py_state(tensor)), kReadPth);
  };
  EXPECT_THAT(legacy({.count = 5}), HasSubstr("storage '0' has another length"));
  EXPECT_THAT(legacy({.key = "1"}), HasSubstr("lists a storage that no tensor uses"));
  EXPECT_THAT(error_of(legacy_preamble() + py_state({}) + py_pickle("]"), kReadPth),
              HasSubstr("storage '0' is missing"));
  EXPECT_THAT(error_of(legacy_preamble() + py_state({}) + py_pickle("N"), kReadPth),
              HasSubstr("None instead of the list"));
}

TEST_F(Pth, SaysWhatIsNoStateDict) {
  EXPECT_THAT(error(py_pickle(py_tensor({}))), HasSubstr("holds a tensor, a state dict"));
  EXPECT_THAT(error_of(pth_zip(py_pickle(py_dict(py_text("lr") + "K\1"))), kReadPth),
              HasSubstr("'lr' is a whole number, a tensor was expected"));
  EXPECT_THAT(error(py_pickle(py_dict("K\1" + py_tensor({})))),
              HasSubstr("a whole number stands for a name"));
  EXPECT_THAT(error_of("<html>", kReadPth), HasSubstr("neither a zip archive nor a pickle"));
  EXPECT_THAT(error_of(read_file(golden("golden.safetensors")), kReadPth),
              HasSubstr("is a safetensors file"));
  EXPECT_THAT(error_of(py_pickle("}"), kReadPth), HasSubstr("the magic number is missing"));
  EXPECT_THAT(error_of(zip_of({{.name = "a.txt", .bytes = "a"}}), kReadPth), HasSubstr("it has no data.pkl"));
  EXPECT_THAT(error_of(zip_of({}), kReadPth), HasSubstr("it has no data.pkl"));
  const ZipMember pickle{.name = "x/data.pkl", .bytes = py_state({})};
  EXPECT_THAT(error_of(zip_of({pickle, {.name = "x/constants.pkl", .bytes = ""}}), kReadPth),
              HasSubstr("TorchScript"));
  EXPECT_THAT(error_of(zip_of({pickle, {.name = "x/byteorder", .bytes = "big"}}), kReadPth),
              HasSubstr("byte order 'big'"));
  EXPECT_THAT(error_of(legacy_preamble(false), kReadPth), HasSubstr("byte order big"));
}

TEST_F(Pth, RefusesDamagedArchives) {
  const auto with = [&](const ZipMember& storage) {
    return error_of(zip_of({{.name = "x/data.pkl", .bytes = py_state({})}, storage}), kReadPth);
  };
  const std::string name = "x/data/0";
  EXPECT_EQ(with({.name = name, .bytes = four_floats()}), "no error");
  EXPECT_THAT(with({.name = name, .bytes = four_floats(), .crc = 1}), HasSubstr("does not match its CRC-32"));
  EXPECT_THAT(with({.name = name, .bytes = four_floats(), .flags = 1}), HasSubstr("is encrypted"));
  EXPECT_THAT(with({.name = name, .bytes = four_floats(), .method = 12}), HasSubstr("packed by method 12"));
  EXPECT_THAT(with({.name = name, .bytes = four_floats(), .size = 15}), HasSubstr("two different sizes"));
  EXPECT_THAT(with({.name = "x/data.pkl", .bytes = "N."}), HasSubstr("'x/data.pkl' stands in it twice"));

  ZipMember packed = deflated(name, four_floats());
  EXPECT_EQ(with(packed), "no error");
  packed.bytes[0] = '\7';
  EXPECT_THAT(with(packed), HasSubstr("cannot be unpacked"));
  packed = deflated(name, four_floats());
  for (const std::uint64_t size : {15U, 17U}) {
    packed.size = size;
    EXPECT_THAT(with(packed), HasSubstr("cannot be unpacked"));
  }
  packed.size = 1U << 30U;
  EXPECT_THAT(with(packed),
              HasSubstr("refused: 'x/data/0' in the zip archive would unpack to 1073741824 bytes"));

  std::string whole = pth_zip(py_state({}));
  whole[whole.size() - 6] = '\x7f';  // the directory's offset
  EXPECT_THAT(error_of(whole, kReadPth), HasSubstr("damaged"));
  EXPECT_THAT(error_of(pth_zip(py_state({})) + "garbage", kReadPth), HasSubstr("truncated"));
}

TEST_F(Pth, RefusesAFileCutAnywhere) {
  for (const char* name : {"zip.pth", "legacy.pth", "deflated.pth"}) {
    const std::string whole = read_file(golden(name));
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const std::string text = error_of(std::string_view(whole).substr(0, length), kReadPth);
      ASSERT_THAT(text, HasSubstr(length == 1 && whole[0] == 'P' ? "neither" : "truncated"))
          << name << length;
    }
  }
}

TEST_F(Pth, SurvivesRandomDamage) {
  for (const char* name : {"zip.pth", "legacy.pth", "deflated.pth"}) {
    EXPECT_GT(refused_flips(read_file(golden(name)), 3000, kReadPth), 500) << name;
  }
  // Without checksums, so that the damage reaches the pickle.
  EXPECT_GT(refused_flips(pth_zip(py_state({})), 3000, kReadPth), 500);
  EXPECT_GT(refused_flips(pth_legacy(py_state({})), 3000, kReadPth), 500);
}

TEST_F(Pth, ReadsTheSharedModels) {
  if (!std::filesystem::exists(shared_model(""))) GTEST_SKIP() << "no shared models here";
  const TensorMap pth = read_pth(shared_model("mobilenet_v2-imagenet.pth"));
  EXPECT_EQ(pth.size(), 314U);
  expect_same(pth, read_safetensors(shared_model("mobilenet_v2-imagenet.safetensors")).tensors);
  const std::vector<std::pair<std::string, std::size_t>> others = {{"mtcnn/pnet.pt", 13},
                                                                   {"mtcnn/rnet.pt", 16},
                                                                   {"mtcnn/onet.pt", 21},
                                                                   {"blazeface/blazeface.pth", 74},
                                                                   {"blazeface/blazefaceback.pth", 138}};
  for (const auto& [name, tensors] : others)
    EXPECT_EQ(read_weights(shared_model(name)).size(), tensors) << name;
}

}  // namespace
}  // namespace fer::test
