// A compiled program: what the compiler makes and the machine runs. Immutable once made.
//
// The machine has a stack of values. An expression finds its input on top and leaves an output in its place;
// "[a b]" below is a stack with b on top. A generator leaves a fork behind, to which backtracking returns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/jq/builtins.h"
#include "data/jq/source.h"
#include "data/json.h"

namespace linkspan::data::jq {

enum class Op : std::uint8_t {
  constant,       // [x] -> [k]            a: constant
  push_constant,  // [x] -> [k x]
  load,           // [x] -> [v]            a: level, b: slot
  push_load,      // [x] -> [v x]
  push_take,      // [] -> [v], null stays in the variable
  take,           // [x] -> [v], null stays in the variable
  store,          // [v] -> []
  clear,          // sets the variable to null
  dup,            // [x] -> [x x]
  swap,           // [x y] -> [y x]
  pop,            // [x] -> []
  enter,          // what follows is no part of a path that is being traced
  leave,
  enter_dup,   // enter, dup
  leave_swap,  // leave, swap

  jump,           // a: target
  jump_if_falsy,  // [c] -> []
  to_boolean,     // [x] -> [true or false]
  backtrack,
  fork,               // backtracking here goes on at a
  try_begin,          // an error up to try_end goes on at a with the error as input; a = kNowhere: backtracks
  alternative_begin,  // an error or the end of outputs up to try_end goes on at a
  try_end,
  alternative_test,   // backtracks from a falsy value, else sets variable b to true
  backtrack_if,       // if variable b is true
  destructure_begin,  // an error, however late, goes on at a
  label,              // b: slot
  break_,             // a: level, b: slot
  raise,              // [error] ->

  index,           // [key x] -> [x[key]]  b: optional
  index_constant,  // [x] -> [x[k]]        a: constant
  each,            // [x] -> [item] ...
  range,           // [from to] -> [n] ...
  get_path,        // [path x] -> [value]
  path_begin,
  path_end,

  // `paths |= update` keeps in variables from b on: the whole, what is to be deleted, the path, the new
  // value, and whether there is one.
  update_begin,   // [] -> [value at the path]
  update_found,   // [new value] -> []
  update_end,     // puts the new value at the path, or the path to what is to be deleted
  update_finish,  // [] -> [whole]

  append,           // [x] -> [], to the array in variable b
  insert,           // [object key value x] -> [object x]
  insert_constant,  // [object value x] -> [object x]   a: key
  binary,           // [right left] -> [result]  a: BinaryOperator
  negate,
  format,       // a: Format
  concatenate,  // [pn ... p1 x] -> [text]   a: n
  native,       // [an ... a1 x] -> [result]  a: native
  debug,

  call,  // a: call site
  tail_call,
  call_closure,  // a: level, b: parameter
  tail_call_closure,
  ret,
  output
};

inline constexpr std::uint32_t kNowhere = 0xffffffff;

struct Instruction {
  Op op;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
};

// What a call hands over: a function with the frame it is to run in, or a parameter of the caller's.
struct ClosureArgument {
  bool is_parameter = false;
  std::uint32_t level = 0;  // of the parameter's frame
  std::uint32_t index = 0;  // function or parameter
};

struct CompiledFunction {
  std::uint32_t start = 0;
  std::uint32_t variables = 0;
  std::uint32_t parameters = 0;
};

// A call: which function, how many frames out it was defined (kNowhere: outside of all), and its arguments.
struct CallSite {
  std::uint32_t function = 0;
  std::uint32_t level = 0;
  std::vector<ClosureArgument> arguments;
};

struct Program {
  std::string source;
  std::vector<Instruction> code;
  std::vector<Span> spans;  // per instruction; {kNowhere, 0} for those of builtins
  std::vector<JsonValue> constants;
  std::vector<CompiledFunction> functions;  // 0 is the program itself; global variables are its first
  std::vector<CallSite> calls;
  std::uint32_t globals = 0;
};

}  // namespace linkspan::data::jq
