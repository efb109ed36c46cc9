#include "pickle.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <unordered_map>

#include "byte_reader.hpp"

namespace fer {
namespace {

using Kind = PickleGlobal::Kind;
using Items = std::vector<PickleNode*>;

constexpr std::size_t kMostObjects = 1'000'000;  // far above any state dict
constexpr int kNewestProtocol = 5;

Error damaged_pickle(std::string_view what) { return data_error("the pickle is damaged: {}", what); }

/// A stack machine: each opcode takes objects from the stack and puts its result there.
class Machine {
 public:
  explicit Machine(std::string_view bytes) : reader_(bytes) {}
  Pickle run();

 private:
  // Each knows some of the opcodes and says whether this was one of them.
  bool run_framing(unsigned char opcode);
  bool run_number(unsigned char opcode);
  bool run_text(unsigned char opcode);
  bool run_container(unsigned char opcode);
  bool run_stack(unsigned char opcode);
  bool run_object(unsigned char opcode);

  void push(PickleNode* node);
  template <class Value>
  void push_new(Value value);
  void push_integer(std::string_view bytes);
  void push_storage(const Items& id);
  void push_dict(const Items& arguments);
  void call(const PickleGlobal& function, PickleNode* arguments);
  void build();

  PickleNode* pop();
  PickleNode* top() const;
  Items pop_to_mark();
  Items pop_several(std::size_t count);
  void set_items(const Items& keys_and_values);
  void append(const Items& items);
  void remember(std::uint32_t index);
  void recall(std::uint32_t index);

  ByteReader reader_;
  Pickle pickle_;
  Items stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint32_t, PickleNode*> memo_;
  std::size_t pairs_copied_ = 0;
};

void Machine::push(PickleNode* node) {
  if (stack_.size() >= kMostObjects) throw data_error("refused: the pickle's stack grows beyond all measure");
  stack_.push_back(node);
}

template <class Value>
void Machine::push_new(Value value) {
  if (pickle_.nodes.size() >= kMostObjects) {
    throw data_error("refused: the pickle holds more than {} objects", kMostObjects);
  }
  push(&pickle_.nodes.emplace_back(PickleNode{std::move(value)}));
}

PickleNode* Machine::top() const {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) throw damaged_pickle("an object is missing");
  return stack_.back();
}

PickleNode* Machine::pop() {
  PickleNode* node = top();
  stack_.pop_back();
  return node;
}

Items Machine::pop_several(std::size_t count) {
  Items items(count);
  for (std::size_t i = count; i-- > 0;) items[i] = pop();
  return items;
}

Items Machine::pop_to_mark() {
  if (marks_.empty()) throw damaged_pickle("a mark is missing");
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  Items items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  marks_.pop_back();
  return items;
}

Pickle Machine::run() {
  for (;;) {
    const auto opcode = reader_.number<unsigned char>();
    if (opcode == '.') break;
    if (!run_framing(opcode) && !run_number(opcode) && !run_text(opcode) && !run_container(opcode) &&
        !run_stack(opcode) && !run_object(opcode)) {
      throw data_error("refused: the pickle holds opcode {:#04x}, which no state dict needs", opcode);
    }
  }
  pickle_.root = pop();
  pickle_.length = reader_.position();
  return std::move(pickle_);
}

bool Machine::run_framing(unsigned char opcode) {
  switch (opcode) {
    case 0x80: {  // PROTO
      const int protocol = reader_.number<std::uint8_t>();
      if (protocol > kNewestProtocol) throw data_error("pickle protocol {} is not known", protocol);
      return true;
    }
    case 0x95:  // FRAME, a hint for readers that read piecewise
      reader_.number<std::uint64_t>();
      return true;
    default:
      return false;
  }
}

/// Two's complement of any length.
void Machine::push_integer(std::string_view bytes) {
  const bool negative = !bytes.empty() && (bytes.back() & 0x80) != 0;
  if (bytes.size() <= 8) {
    std::int64_t value = negative ? -1 : 0;
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(&value));
    return push_new(value);
  }
  double value = negative ? -1 : 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value * 256 + static_cast<unsigned char>(bytes[i]);
  push_new(value);
}

bool Machine::run_number(unsigned char opcode) {
  switch (opcode) {
    case 'N':
      push_new(std::monostate{});
      return true;
    case 0x88:  // NEWTRUE
    case 0x89:  // NEWFALSE
      push_new(opcode == 0x88);
      return true;
    case 'J':  // BININT
      push_new(std::int64_t{reader_.number<std::int32_t>()});
      return true;
    case 'K':  // BININT1
      push_new(std::int64_t{reader_.number<std::uint8_t>()});
      return true;
    case 'M':  // BININT2
      push_new(std::int64_t{reader_.number<std::uint16_t>()});
      return true;
    case 0x8a:  // LONG1
      push_integer(reader_.take(reader_.number<std::uint8_t>()));
      return true;
    case 0x8b:  // LONG4
      push_integer(reader_.take(reader_.number<std::uint32_t>()));
      return true;
    case 'G': {  // BINFLOAT, big-endian
      std::array<char, 8> bytes;
      std::ranges::reverse_copy(reader_.take(bytes.size()), bytes.begin());
      push_new(std::bit_cast<double>(bytes));
      return true;
    }
    default:
      return false;
  }
}

bool Machine::run_text(unsigned char opcode) {
  switch (opcode) {
    case 'X':  // BINUNICODE
    case 'T':  // BINSTRING, Python 2's
    case 'B':  // BINBYTES
      push_new(reader_.take(reader_.number<std::uint32_t>()));
      return true;
    case 0x8c:  // SHORT_BINUNICODE
    case 'U':   // SHORT_BINSTRING, Python 2's
    case 'C':   // SHORT_BINBYTES
      push_new(reader_.take(reader_.number<std::uint8_t>()));
      return true;
    case 0x8d:  // BINUNICODE8
    case 0x8e:  // BINBYTES8
      push_new(reader_.take(reader_.number<std::uint64_t>()));
      return true;
    default:
      return false;
  }
}

void Machine::append(const Items& items) {
  auto* list = std::get_if<PickleList>(&top()->value);
  if (list == nullptr || list->tuple) throw damaged_pickle("something is appended that belongs to no list");
  list->items.insert(list->items.end(), items.begin(), items.end());
}

void Machine::set_items(const Items& keys_and_values) {
  auto* dict = std::get_if<PickleDict>(&top()->value);
  if (dict == nullptr || keys_and_values.size() % 2 != 0)
    throw damaged_pickle("keys and values that make no dict");
  for (std::size_t i = 0; i < keys_and_values.size(); i += 2) {
    dict->items.emplace_back(keys_and_values[i], keys_and_values[i + 1]);
  }
}

bool Machine::run_container(unsigned char opcode) {
  switch (opcode) {
    case ']':
      push_new(PickleList{});
      return true;
    case ')':
      push_new(PickleList{.items = {}, .tuple = true});
      return true;
    case '}':
      push_new(PickleDict{});
      return true;
    case 't':
      push_new(PickleList{.items = pop_to_mark(), .tuple = true});
      return true;
    case 0x85:  // TUPLE1
    case 0x86:  // TUPLE2
    case 0x87:  // TUPLE3
      push_new(PickleList{.items = pop_several(opcode - 0x84U), .tuple = true});
      return true;
    case 'a':
      append(pop_several(1));
      return true;
    case 'e':
      append(pop_to_mark());
      return true;
    case 's':
      set_items(pop_several(2));
      return true;
    case 'u':
      set_items(pop_to_mark());
      return true;
    default:
      return false;
  }
}

void Machine::remember(std::uint32_t index) {
  PickleNode* node = top();
  if (memo_.size() >= kMostObjects) throw data_error("refused: the pickle's memo grows beyond all measure");
  memo_[index] = node;
}

void Machine::recall(std::uint32_t index) {
  const auto found = memo_.find(index);
  if (found == memo_.end()) throw damaged_pickle("it refers to an object that is not there");
  push(found->second);
}

bool Machine::run_stack(unsigned char opcode) {
  switch (opcode) {
    case '(':
      if (marks_.size() >= kMostObjects) throw data_error("refused: the pickle is nested beyond all measure");
      marks_.push_back(stack_.size());
      return true;
    case '0':
      pop();
      return true;
    case '1':
      pop_to_mark();
      return true;
    case '2':
      push(top());
      return true;
    case 'q':  // BINPUT
      remember(reader_.number<std::uint8_t>());
      return true;
    case 'r':  // LONG_BINPUT
      remember(reader_.number<std::uint32_t>());
      return true;
    case 0x94:  // MEMOIZE
      remember(static_cast<std::uint32_t>(memo_.size()));
      return true;
    case 'h':  // BINGET
      recall(reader_.number<std::uint8_t>());
      return true;
    case 'j':  // LONG_BINGET
      recall(reader_.number<std::uint32_t>());
      return true;
    default:
      return false;
  }
}

bool Machine::run_object(unsigned char opcode) {
  switch (opcode) {
    case 'c': {  // GLOBAL
      const std::string_view module = reader_.line();
      push_new(find_global(module, reader_.line()));
      return true;
    }
    case 0x93: {  // STACK_GLOBAL
      const Items names = pop_several(2);
      const auto module = get<std::string_view>(*names[0], "a text");
      push_new(find_global(module, get<std::string_view>(*names[1], "a text")));
      return true;
    }
    case 'R': {  // REDUCE
      PickleNode* arguments = pop();
      call(*get<const PickleGlobal*>(*pop(), "a function"), arguments);
      return true;
    }
    case 'Q':  // BINPERSID
      push_storage(get<PickleList>(*pop(), "a tuple").items);
      return true;
    case 'b':
      build();
      return true;
    default:
      return false;
  }
}

void Machine::push_storage(const Items& id) {
  const PickleStorage storage = make_storage(id);
  const auto [known, is_new] = pickle_.storages.emplace(storage.key, storage);
  if (known->second.dtype != storage.dtype || known->second.count != storage.count) {
    throw damaged_pickle("storage " + in_quotes(storage.key) + " is described in two ways");
  }
  push_new(storage);
}

/// () or, from Python 2, (list of pairs,)
void Machine::push_dict(const Items& arguments) {
  push_new(PickleDict{});
  if (arguments.empty()) return;
  const Items& pairs = get<PickleList>(*arguments[0], "a list").items;
  // The list may serve many dicts, so that their sum is not in proportion to the pickle's length.
  pairs_copied_ += pairs.size();
  if (pairs_copied_ > kMostObjects) throw data_error("refused: the pickle's dicts grow beyond all measure");
  for (const PickleNode* node : pairs) {
    const Items& pair = get<PickleList>(*node, "a pair").items;
    if (pair.size() != 2) throw damaged_pickle("a dict's entry is no pair");
    set_items(pair);
  }
}

void Machine::call(const PickleGlobal& function, PickleNode* arguments) {
  const Items& items = get<PickleList>(*arguments, "a tuple").items;
  if (items.empty() && function.kind != Kind::ordered_dict) throw damaged_pickle("something made of nothing");
  switch (function.kind) {
    case Kind::ordered_dict:
      return push_dict(items);
    case Kind::tensor:
      return push_new(make_tensor(items));
    case Kind::parameter:
      get<PickleTensor>(*items[0], "a tensor");
      return push(items[0]);
    case Kind::size:
      get<PickleList>(*items[0], "a tuple");
      return push(items[0]);
    case Kind::device:
      get<std::string_view>(*items[0], "a text");
      return push(items[0]);
    case Kind::storage:
      throw damaged_pickle("a storage that is not beside the pickle");
  }
}

/// Sets attributes, which a state dict has for its format's version (_metadata): of no use here.
void Machine::build() {
  const PickleNode* state = pop();
  get<PickleDict>(*state, "a dict of attributes");
  get<PickleDict>(*top(), "a dict");
}

}  // namespace

Pickle read_pickle(std::string_view bytes) { return Machine(bytes).run(); }

}  // namespace fer
