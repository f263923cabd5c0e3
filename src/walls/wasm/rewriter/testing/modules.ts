// Modules written by hand, at least one for each proposal that the engine accepts, each with something that a rewriter
// gets wrong: loops and calls inside it, immediates of every shape, sizes beyond a chunk, traps half-way.
//
// All loops are bounded, whatever the arguments. `tool` says which assembler knows the text: wabt writes what
// the text says, instruction by instruction; binaryen knows the newer proposals.

export interface WrittenModule { name: string, tool: 'wabt' | 'binaryen', text: string }

const long = '0123456789abcdef'.repeat(8400)

export const writtenModules: readonly WrittenModule[] = [
  {
    name: 'control flow', tool: 'wabt', text: `(module
      (memory (export "memory") 1) (global $g (export "count") (mut i32) (i32.const 0))
      (func $bump (global.set $g (i32.add (global.get $g) (i32.const 1))))
      (func (export "nested") (param i32 i32) (result i32) (local i32 i32)
        (local.set 2 (i32.and (local.get 0) (i32.const 63)))
        (block $out (loop $outer
          (br_if $out (i32.eqz (local.get 2)))
          (local.set 3 (i32.and (local.get 1) (i32.const 31)))
          (loop $inner (call $bump)
            (if (i32.gt_u (local.get 3) (i32.const 3)) (then (local.set 3 (i32.sub (local.get 3) (i32.const 3))) (br $inner))
              (else (nop))))
          (local.set 2 (i32.sub (local.get 2) (i32.const 1))) (br $outer)))
        (i32.add (local.get 3) (global.get $g)))
      (func (export "table") (param i32) (result i32)
        (block $a (block $b (block $c (br_table $a $b $c $a (local.get 0))) (call $bump) (return (i32.const 3))) (return (i32.const 2)))
        (i32.const 1))
      (func $fib (export "fib") (param i32) (result i32)
        (local.set 0 (i32.and (local.get 0) (i32.const 15)))
        (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
          (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
      (func (export "divide") (param i32 i32) (result i32) (call $bump) (i32.div_s (local.get 0) (local.get 1)))
      (func (export "dead") (result i32) (block (result i32) (br 0 (i32.const 5)) (loop (br 0)) (unreachable)))
      (func (export "store") (param i32 i32) (i32.store offset=8 (local.get 0) (local.get 1)))
      (func (export "sum") (param i32) (result i64) (local i64)
        (local.set 0 (i32.and (local.get 0) (i32.const 0x3ff)))
        (block $done (loop $next (local.set 1 (i64.add (local.get 1) (i64.extend_i32_u (local.get 0))))
          (br_if $next (i32.gt_s (local.tee 0 (i32.sub (local.get 0) (i32.const 1))) (i32.const 0)))
          (br_if $done (i32.const 1)) (unreachable)))
        (local.get 1)))`,
  },
  {
    name: 'branches out of loops', tool: 'wabt', text: `(module
      (func $step (param i32) (result i32) (i32.add (i32.mul (local.get 0) (i32.const 5)) (i32.const 3)))
      (func (export "leave") (param i32 i32) (result i32) (local i32)
        (block $a (block $b (loop $l
          (local.set 2 (i32.add (local.get 2) (i32.const 1)))
          (br_if $a (i32.gt_u (local.get 2) (i32.const 70)))
          (block $c (block $d (br_table $c $d $b $c $a (i32.and (local.get 0) (i32.const 7))))
            (local.set 0 (i32.shr_u (local.get 0) (i32.const 1))) (br $l))
          (local.set 0 (call $step (i32.shr_u (local.get 0) (i32.const 3))))
          (br_if $l (i32.and (local.get 1) (i32.const 1)))
          (if (i32.and (local.get 0) (i32.const 16)) (then (local.set 1 (i32.shr_u (local.get 1) (i32.const 1))) (br $l)) (else (br $b))))
          (return (i32.const 1000)))
          (return (i32.sub (i32.const 0) (local.get 2))))
        (i32.add (local.get 0) (local.get 2)))
      (func (export "values") (param i32) (result i32) (local i32)
        (i32.const 100)
        (block $out (result i32)
          (loop $l (result i32)
            (drop (br_if $out (i32.const 7) (i32.gt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 40))))
            (br_if $l (i32.lt_u (local.get 1) (i32.and (local.get 0) (i32.const 63))))
            (local.get 1)))
        (i32.add))
      (func (export "function label") (param i32) (result i32)
        (loop (br_if 1 (i32.const 5) (i32.eqz (local.get 0))) (drop)
          (local.set 0 (i32.shr_u (local.get 0) (i32.const 1))) (br 0)) (unreachable))
      (func (export "calls below") (param i32) (result i32)
        (local.set 0 (i32.and (local.get 0) (i32.const 31)))
        (if (i32.lt_u (local.get 0) (i32.const 3)) (then (return (call $step (local.get 0)))))
        (block $x (br_if $x (i32.and (local.get 0) (i32.const 1))) (local.set 0 (call $step (local.get 0))))
        (loop $l (br_if $l (i32.gt_u (local.tee 0 (call $step (i32.sub (i32.shr_u (local.get 0) (i32.const 4)) (i32.const 1)))) (i32.const 100000))))
        (local.get 0)))`,
  },
  {
    name: 'start, data, elements, indirect calls', tool: 'wabt', text: `(module
      (type $t (func (param i32) (result i32)))
      (import "env" "f" (func $f (param i32) (result i32))) (import "env" "mutable i32" (global $m (mut i32)))
      (memory (export "memory") 2 4) (table (export "table") 6 funcref)
      (data (i32.const 100) "hello") (elem (i32.const 1) $a $b $f)
      (func $init (local i32) (loop (i32.store8 (local.get 0) (i32.add (local.get 0) (i32.const 1)))
        (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 50)))) (global.set $m (i32.const 9)))
      (start $init)
      (func $a (type $t) (i32.add (local.get 0) (i32.load8_u offset=100 (i32.and (local.get 0) (i32.const 3)))))
      (func $b (type $t) (if (result i32) (i32.gt_s (local.get 0) (i32.const 0))
        (then (call_indirect (type $t) (i32.and (i32.sub (local.get 0) (i32.const 1)) (i32.const 31)) (i32.const 2))) (else (global.get $m))))
      (func (export "call") (param i32 i32) (result i32) (call_indirect (type $t) (local.get 0) (i32.and (local.get 1) (i32.const 7))))
      (func (export "grow") (param i32) (result i32) (memory.grow (i32.and (local.get 0) (i32.const 1)))))`,
  },
  {
    name: 'multi-value', tool: 'wabt', text: `(module
      (func $swap (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
      (func (export "swapped") (param i32 i64) (result i64 i32) (call $swap (local.get 0) (local.get 1)))
      (func (export "pairs") (param i32) (result i32 i32) (local i32)
        (i32.const 0) (i32.and (local.get 0) (i32.const 127))
        (loop (param i32 i32) (result i32 i32)
          (local.set 1) (i32.const 3) (i32.add) (local.get 1)
          (i32.sub (i32.const 1)) (local.tee 1)
          (br_if 0 (i32.gt_s (local.get 1) (i32.const 0)))))
      (func (export "chosen") (param i32) (result i32 f64)
        (i32.const 7) (local.get 0)
        (if (param i32) (result i32 f64) (then (f64.const 1.5)) (else (drop) (i32.const 8) (f64.const nan)))))`,
  },
  {
    name: 'conversions', tool: 'wabt', text: `(module
      (func (export "extend") (param i32 i64) (result i64)
        (i64.add (i64.extend16_s (local.get 1)) (i64.extend_i32_s (i32.extend8_s (local.get 0)))))
      (func (export "saturate") (param f64 f32) (result i64 i32)
        (i64.trunc_sat_f64_u (local.get 0)) (i32.trunc_sat_f32_s (local.get 1)))
      (func (export "truncate") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
      (func (export "constants") (result f32 f64 i64) (f32.const -0x1.8p3) (f64.const 0x1p-1074) (i64.const -0x8000000000000000)))`,
  },
  {
    name: 'bulk memory', tool: 'wabt', text: `(module
      (memory (export "memory") 8) (data $d "the quick brown fox jumps over the lazy dog") (data $e "once")
      (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
      (func (export "pattern") (local i32)
        (loop (i32.store (local.get 0) (i32.mul (local.get 0) (i32.const 0x9e3779b1)))
          (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4))) (i32.const 0x80000)))))
      (func (export "fill long") (param i32) (memory.fill (i32.and (local.get 0) (i32.const 0xffff)) (i32.const 7) (i32.const 200001)))
      (func (export "copy up") (param i32) (memory.copy (i32.const 1000) (i32.and (local.get 0) (i32.const 2047)) (i32.const 300007)))
      (func (export "copy down") (param i32) (memory.copy (i32.and (local.get 0) (i32.const 2047)) (i32.const 1000) (i32.const 300007)))
      (func (export "copy exactly to the end") (memory.copy (i32.const 0x40000) (i32.const 0x20000) (i32.const 0x40000)))
      (func (export "copy beyond the end") (memory.copy (i32.const 0x40001) (i32.const 0x20000) (i32.const 0x40000)))
      (func (export "copy from beyond the end") (memory.copy (i32.const 0x20000) (i32.const 0x40001) (i32.const 0x40000)))
      (func (export "fill around the end") (memory.fill (i32.const 0xffff0001) (i32.const 1) (i32.const 0xffff)))
      (func (export "fill around and back") (memory.fill (i32.const 1) (i32.const 1) (i32.const -1)))
      (func (export "copy to around the end") (memory.copy (i32.const 0xffff0000) (i32.const 0) (i32.const 0x20000)))
      (func (export "copy from around the end") (memory.copy (i32.const 0) (i32.const 0xffff0000) (i32.const 0x20000)))
      (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
      (func (export "init") (param i32 i32 i32) (memory.init $d (local.get 0) (local.get 1) (i32.and (local.get 2) (i32.const 63))))
      (func (export "init once") (memory.init $e (i32.const 77) (i32.const 0) (i32.const 4)) (data.drop $e)))`,
  },
  {
    name: 'references and tables', tool: 'wabt', text: `(module
      (table $t (export "functions") 4 20000 funcref) (table $x (export "values") 3 9000 externref)
      (elem $p funcref (ref.func $a) (ref.null func) (ref.func $b)) (elem declare func $a)
      (func $a (result i32) (i32.const 1)) (func $b (result i32) (i32.const 2))
      (func (export "grow") (param i32) (result i32) (table.grow $t (ref.func $a) (i32.and (local.get 0) (i32.const 511))))
      (func (export "grow long") (result i32) (table.grow $x (ref.null extern) (i32.const 8500)))
      (func (export "set") (param i32 externref) (table.set $x (local.get 0) (local.get 1)))
      (func (export "fill") (param i32 i32) (table.fill $t (local.get 0) (ref.null func) (local.get 1)))
      (func (export "fill long") (param i32 externref i32) (table.fill $x (i32.and (local.get 0) (i32.const 3)) (local.get 1) (i32.add (i32.const 8490) (i32.and (local.get 2) (i32.const 15)))))
      (func (export "copy") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
      (func (export "copy long") (param i32 i32) (table.copy $x $x (i32.and (local.get 0) (i32.const 3)) (i32.and (local.get 1) (i32.const 3)) (i32.const 8400)))
      (func (export "copy to around the end") (table.copy $t $t (i32.const -4096) (i32.const 0) (i32.const 8192)))
      (func (export "grow functions") (result i32) (table.grow $t (ref.func $b) (i32.const 9000)))
      (func (export "init") (param i32 i32 i32) (table.init $t $p (local.get 0) (local.get 1) (local.get 2)))
      (func (export "call") (param i32) (result i32) (call_indirect $t (result i32) (local.get 0)))
      (func (export "null") (param i32) (result i32) (ref.is_null (table.get $t (local.get 0))))
      (func (export "size") (result i32 i32) (table.size $t) (table.size $x))
      (func (export "choose") (param i32 externref) (result externref) (select (result externref) (local.get 1) (ref.null extern) (local.get 0))))`,
  },
  {
    name: 'typed function references', tool: 'binaryen', text: `(module
      (type $f (func (param i32) (result i32)))
      (elem declare func $even $odd)
      (func $even (type $f) (if (result i32) (local.get 0) (then (return_call_ref $f (i32.sub (local.get 0) (i32.const 1)) (ref.func $odd))) (else (i32.const 1))))
      (func $odd (type $f) (if (result i32) (local.get 0) (then (return_call_ref $f (i32.sub (local.get 0) (i32.const 1)) (ref.func $even))) (else (i32.const 0))))
      (func (export "even") (param i32) (result i32) (call_ref $f (i32.and (local.get 0) (i32.const 0xfffff)) (ref.func $even)))
      (func $pick (param i32) (result (ref null $f)) (if (result (ref null $f)) (i32.and (local.get 0) (i32.const 1)) (then (ref.func $odd)) (else (ref.null $f))))
      (func (export "maybe") (param i32) (result i32) (local $r (ref $f))
        (block $null (local.set $r (br_on_null $null (call $pick (local.get 0)))) (return (call_ref $f (i32.const 5) (local.get $r))))
        (i32.const -1))
      (func (export "sure") (param i32) (result i32) (call_ref $f (i32.const 4) (ref.as_non_null (call $pick (local.get 0))))))`,
  },
  {
    name: 'collected types', tool: 'binaryen', text: `(module
      (rec (type $node (sub (struct (field $value i32) (field $next (mut (ref null $node))))))
        (type $named (sub $node (struct (field i32) (field (mut (ref null $node))) (field $name (ref null $bytes)))))
        (type $bytes (array (mut i8))))
      (type $longs (array (mut i64))) (type $any (array (mut anyref))) (type $visit (func (param (ref $node)) (result i32)))
      (data $d "0123456789abcdefghijklmnopqrstuvwxyz") (elem $e anyref (item (ref.i31 (i32.const 1))) (item (ref.i31 (i32.const 2))) (item (ref.null any)))
      (func $list (param i32) (result (ref null $node)) (local $l (ref null $node))
        (local.set 0 (i32.and (local.get 0) (i32.const 255)))
        (loop $next (if (local.get 0) (then
          (local.set $l (if (result (ref null $node)) (i32.and (local.get 0) (i32.const 1))
            (then (struct.new $node (local.get 0) (local.get $l)))
            (else (struct.new $named (local.get 0) (local.get $l) (array.new_data $bytes $d (i32.const 3) (i32.const 4))))))
          (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br $next))))
        (local.get $l))
      (func (export "sum") (param i32) (result i32) (local $l (ref null $node)) (local $n (ref null $named)) (local $s i32)
        (local.set $l (call $list (local.get 0)))
        (loop $next (block $done
          (local.set $s (i32.add (local.get $s) (struct.get $node $value (br_on_null $done (local.get $l)))))
          (block $plain (result (ref null $node))
            (local.set $n (br_on_cast_fail $plain (ref null $node) (ref $named) (local.get $l)))
            (local.set $s (i32.add (local.get $s) (array.get_u $bytes (struct.get $named $name (local.get $n)) (i32.const 2))))
            (local.get $l))
          (drop) (local.set $l (struct.get $node $next (local.get $l))) (br $next)))
        (local.get $s))
      (func (export "arrays") (param i32 i32 i32) (result i64) (local $a (ref null $longs)) (local $s i64) (local $i i32)
        (local.set $a (array.new $longs (i64.const 3) (i32.const 10000)))
        (array.fill $longs (local.get $a) (i32.and (local.get 0) (i32.const 4095)) (i64.const 5) (i32.and (local.get 1) (i32.const 0x1fff)))
        (array.copy $longs $longs (local.get $a) (i32.and (local.get 2) (i32.const 1023)) (local.get $a) (i32.and (local.get 0) (i32.const 1023)) (i32.const 8000))
        (array.copy $longs $longs (local.get $a) (i32.const 1000) (local.get $a) (i32.const 10) (i32.sub (i32.const 9000) (i32.and (local.get 1) (i32.const 3))))
        (loop (local.set $s (i64.add (i64.mul (local.get $s) (i64.const 31)) (array.get $longs (local.get $a) (local.get $i))))
          (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 7))) (i32.const 10000))))
        (local.get $s))
      (func (export "array bounds") (param i32 i32) (array.fill $longs (array.new_default $longs (i32.const 5000)) (local.get 0) (i64.const 1) (local.get 1)))
      (func (export "null array") (param i32) (local $n (ref null $longs)) (array.fill $longs (local.get $n) (i32.const 0) (i64.const 1) (local.get 0)))
      (func (export "copy to null") (param i32) (local $n (ref null $bytes)) (array.copy $bytes $bytes (local.get $n) (i32.const 0) (array.new_default $bytes (i32.const 9000)) (i32.const 0) (local.get 0)))
      (func (export "init") (param i32 i32 i32) (result i32) (local $b (ref null $bytes)) (local $a (ref null $any))
        (local.set $b (array.new_default $bytes (i32.const 64))) (local.set $a (array.new_default $any (i32.const 8)))
        (array.init_data $bytes $d (local.get $b) (i32.and (local.get 0) (i32.const 31)) (i32.and (local.get 1) (i32.const 31)) (i32.and (local.get 2) (i32.const 15)))
        (array.init_elem $any $e (local.get $a) (i32.and (local.get 0) (i32.const 3)) (i32.and (local.get 1) (i32.const 1)) (i32.and (local.get 2) (i32.const 3)))
        (i32.add (array.get_u $bytes (local.get $b) (i32.const 9)) (ref.is_null (array.get $any (local.get $a) (i32.const 2)))))
      (func (export "init beyond") (param i32) (array.init_data $longs $d (array.new_default $longs (i32.const 9000)) (i32.const 0) (i32.const 0) (local.get 0)))
      (func (export "i31") (param i32) (result i32) (i31.get_s (ref.cast (ref i31) (block (result anyref) (ref.i31 (local.get 0))))))
      (func (export "test") (param i32) (result i32) (ref.test (ref $named) (call $list (local.get 0))))
      (func (export "cast") (param i32) (result i32) (struct.get $named 0 (ref.cast (ref $named) (call $list (local.get 0))))))`,
  },
  {
    name: 'SIMD', tool: 'wabt', text: `(module (memory (export "memory") 1)
      (func (export "vectors") (param i32 i32) (result i32) (local v128)
        (local.set 0 (i32.and (local.get 0) (i32.const 1023)))
        (local.set 2 (v128.const i32x4 1 2 3 4))
        (loop (v128.store offset=16 align=8 (local.get 0) (local.get 2))
          (local.set 2 (i8x16.shuffle 3 2 1 0 7 6 5 4 11 10 9 8 12 13 14 15 (i32x4.add (local.get 2) (i32x4.splat (local.get 0))) (local.get 2)))
          (local.set 2 (v128.load16_lane 3 (local.get 0) (local.get 2)))
          (v128.store8_lane offset=3 5 (local.get 0) (local.get 2))
          (local.set 2 (i16x8.replace_lane 7 (local.get 2) (local.get 1)))
          (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 37))) (i32.const 2000))))
        (i32x4.extract_lane 1 (i32x4.min_s (local.get 2) (v128.load32_zero (i32.const 40))))))`,
  },
  {
    name: 'floating point', tool: 'wabt', text: `(module (memory (export "memory") 1) (global $g (export "g") (mut f64) (f64.const 1.5))
      (func $half (param f64) (result f64) (f64.div (local.get 0) (f64.const 2)))
      (func (export "scalar") (param f64 f32) (result f64 f32) (local f64)
        (local.set 2 (f64.add (f64.mul (local.get 0) (f64.const 3)) (f64.sqrt (f64.abs (local.get 0)))))
        (global.set $g (f64.min (local.get 2) (f64.copysign (f64.const 8) (local.get 0))))
        (drop (f64.floor (local.get 2)))
        (block $b (br_if $b (f64.lt (f64.sub (local.get 2) (f64.const 1)) (f64.const 4))) (local.set 2 (call $half (f64.ceil (local.get 2)))))
        (f64.store (i32.const 8) (f64.max (f64.promote_f32 (f32.mul (local.get 1) (f32.const 0.25))) (local.get 2)))
        (select (f64.nearest (local.get 2)) (f64.neg (local.get 2)) (i32.trunc_sat_f64_s (f64.sub (local.get 2) (local.get 0))))
        (f32.trunc (f32.demote_f64 (global.get $g))))
      (func (export "lanes") (param f32 f64) (result f32 f64) (local v128 v128)
        (local.set 2 (f32x4.add (f32x4.splat (local.get 0)) (f32x4.mul (v128.const f32x4 1 2 3 4) (f32x4.sqrt (v128.const f32x4 4 9 16 25)))))
        (local.set 3 (f64x2.div (f64x2.splat (local.get 1)) (f64x2.promote_low_f32x4 (f32x4.floor (local.get 2)))))
        (v128.store (i32.const 32) (v128.and (f64x2.ne (local.get 3) (f64x2.nearest (local.get 3))) (f32x4.max (local.get 2) (f32x4.demote_f64x2_zero (local.get 3)))))
        (f32x4.extract_lane 2 (f32x4.pmin (f32x4.sub (local.get 2) (f32x4.splat (f32.const 1))) (local.get 2)))
        (f64x2.extract_lane 1 (f64x2.neg (f64x2.max (local.get 3) (v128.const f64x2 1 2))))))`,
  },
  {
    name: 'relaxed SIMD', tool: 'wabt', text: `(module
      (func (export "relaxed") (param i32) (result i32)
        (i8x16.extract_lane_u 2 (i8x16.relaxed_swizzle (v128.const i32x4 1 2 3 4) (i8x16.splat (i32.and (local.get 0) (i32.const 15)))))))`,
  },
  {
    name: 'atomic operations of one thread', tool: 'wabt', text: `(module (memory (export "memory") 1 2)
      (func (export "atomics") (param i32 i32) (result i32 i64)
        (local.set 0 (i32.and (local.get 0) (i32.const 0x3f8)))
        (loop (drop (i32.atomic.rmw.add offset=8 (i32.const 0) (local.get 1))) (atomic.fence)
          (drop (i64.atomic.rmw.cmpxchg (i32.const 16) (i64.const 0) (i64.const 77)))
          (br_if 0 (i32.gt_s (local.tee 0 (i32.sub (local.get 0) (i32.const 8))) (i32.const 0))))
        (i32.atomic.load offset=8 (i32.const 0)) (i64.atomic.load (i32.const 16))))`,
  },
  {
    name: 'threads', tool: 'wabt', text: `(module (memory (export "memory") 1 2 shared)
      (func (export "atomics") (param i32 i32) (result i32 i64)
        (local.set 0 (i32.and (local.get 0) (i32.const 0x3f8)))
        (loop (drop (i32.atomic.rmw.add offset=8 (i32.const 0) (local.get 1))) (atomic.fence)
          (drop (i64.atomic.rmw.cmpxchg (i32.const 16) (i64.const 0) (i64.const 77)))
          (br_if 0 (i32.gt_s (local.tee 0 (i32.sub (local.get 0) (i32.const 8))) (i32.const 0))))
        (i32.atomic.load offset=8 (i32.const 0)) (i64.atomic.load (i32.const 16)))
      (func (export "notify") (result i32) (memory.atomic.notify (i32.const 0) (i32.const 1)))
      (func (export "unaligned") (result i32) (i32.atomic.load (i32.const 1)))
      (func (export "wait") (result i32) (memory.atomic.wait32 (i32.const 4) (i32.const 1) (i64.const 0))))`,
  },
  {
    name: 'several memories', tool: 'wabt', text: `(module
      (memory $a (export "a") 3) (memory $b (export "b") 3 5) (data $d "abcdefgh")
      (func (export "fill") (param i32 i32) (memory.fill $b (local.get 0) (local.get 1) (i32.const 70000)))
      (func (export "across") (param i32 i32 i32) (memory.copy $a $b (local.get 0) (local.get 1) (local.get 2)))
      (func (export "across long") (param i32) (memory.copy $a $b (i32.and (local.get 0) (i32.const 63)) (i32.const 5) (i32.const 131000)))
      (func (export "init") (param i32) (memory.init $b $d (local.get 0) (i32.const 1) (i32.const 6)))
      (func (export "grow") (result i32 i32) (memory.grow $b (i32.const 1)) (memory.size $b))
      (func (export "load") (param i32) (result i32) (local i32)
        (loop (i32.store $b offset=4 (i32.mul (local.get 1) (i32.const 4)) (i32.load $a offset=2 (local.get 1)))
          (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 99))))
        (i32.load8_s $b (local.get 0))))`,
  },
  {
    name: 'wide memory', tool: 'wabt', text: `(module
      (memory $w (export "memory") i64 3 6) (memory $n 3) (data $d "wide")
      (func (export "fill") (param i64 i32 i64) (memory.fill $w (local.get 0) (local.get 1) (local.get 2)))
      (func (export "fill long") (param i32) (memory.fill $w (i64.extend_i32_u (i32.and (local.get 0) (i32.const 0xfff))) (i32.const 9) (i64.const 150000)))
      (func (export "fill far") (memory.fill $w (i64.const -2) (i32.const 9) (i64.const 70000)))
      (func (export "copy up") (param i32) (memory.copy $w $w (i64.extend_i32_u (i32.and (local.get 0) (i32.const 0xfff))) (i64.const 0x800) (i64.const 150000)))
      (func (export "narrow to wide") (memory.copy $w $n (i64.const 3) (i32.const 5) (i32.const 100000)))
      (func (export "wide to narrow") (param i32) (memory.copy $n $w (local.get 0) (i64.const 5) (i32.const 100000)))
      (func (export "init") (param i64) (memory.init $w $d (local.get 0) (i32.const 0) (i32.const 4)))
      (func (export "grow") (param i64) (result i64) (memory.grow $w (i64.and (local.get 0) (i64.const 1)))) 
      (func (export "load") (param i64) (result i64) (i64.load $w offset=0x10000 (local.get 0))))`,
  },
  {
    name: 'wide table', tool: 'binaryen', text: `(module
      (table $w (export "wide") i64 9000 externref) (table $n 9000 externref)
      (func (export "fill") (param i64 externref i64) (table.fill $w (local.get 0) (local.get 1) (local.get 2)))
      (func (export "fill long") (param i32) (table.fill $w (i64.extend_i32_u (i32.and (local.get 0) (i32.const 15))) (ref.null extern) (i64.const 8990)))
      (func (export "across") (param i32 i32) (table.copy $n $w (local.get 0) (i64.const 3) (i32.and (local.get 1) (i32.const 8191))))
      (func (export "grow") (result i64) (table.grow $w (ref.null extern) (i64.const 2))))`,
  },
  {
    name: 'tail calls', tool: 'wabt', text: `(module (type $t (func (param i32 i64) (result i64)))
      (table funcref (elem $up $down))
      (func $count (export "count") (param i32 i64) (result i64)
        (local.set 0 (i32.and (local.get 0) (i32.const 0xffff)))
        (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
        (return_call $count (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 2))))
      (func $up (type $t) (return_call_indirect (type $t) (local.get 0) (i64.add (local.get 1) (i64.const 1)) (i32.const 1)))
      (func $down (type $t) (if (i32.le_s (local.get 0) (i32.const 0)) (then (return (local.get 1))))
        (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (local.get 1) (i32.const 0)))
      (func (export "to and fro") (param i32) (result i64) (call $up (i32.and (local.get 0) (i32.const 0xfff)) (i64.const 0))))`,
  },
  {
    name: 'extended constants', tool: 'wabt', text: `(module
      (global $base (import "env" "i32") i32) (memory (export "memory") 1)
      (global (export "sum") i32 (i32.mul (i32.add (global.get $base) (i32.const 4)) (i32.const 3)))
      (data (offset (i32.add (global.get $base) (i32.const 100))) "placed")
      (func (export "loop") (result i32) (local i32) (loop (br_if 0 (i32.lt_s (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 77)))) (local.get 0)))`,
  },
  {
    name: 'legacy exceptions', tool: 'wabt', text: `(module
      (import "env" "throw" (func $host)) (tag $e (export "e") (param i32)) (tag $f)
      (func $raise (param i32) (if (i32.and (local.get 0) (i32.const 1)) (then (throw $e (local.get 0)))) (if (i32.and (local.get 0) (i32.const 2)) (then (throw $f))) (if (i32.and (local.get 0) (i32.const 4)) (then (call $host))))
      (func (export "catch") (param i32) (result i32) (local i32 i32)
        (local.set 1 (i32.const 40))
        (loop
          (local.set 2 (i32.add (local.get 2)
            (try (result i32) (do (call $raise (i32.add (local.get 0) (local.get 1))) (i32.const 1))
              (catch $e (i32.const 100) (i32.add)) (catch $f (i32.const 3)) (catch_all (i32.const 5)))))
          (br_if 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
        (local.get 2))
      (func (export "rethrow") (param i32) (result i32)
        (try (result i32) (do (try (do (call $raise (local.get 0))) (catch_all (rethrow 0))) (i32.const 0)) (catch $e) (catch_all (i32.const -7))))
      (func (export "delegate") (param i32) (result i32)
        (block $b (result i32) (try $t (result i32) (do (try (do (call $raise (local.get 0))) (delegate $t)) (i32.const 0)) (catch_all (br $b (i32.const -9))))))
      (func (export "uncaught") (param i32) (call $raise (local.get 0))))`,
  },
  {
    name: 'exceptions', tool: 'binaryen', text: `(module
      (import "env" "throw" (func $host)) (tag $e (export "e") (param i32)) (tag $f)
      (func $raise (param i32) (if (i32.and (local.get 0) (i32.const 1)) (then (throw $e (local.get 0)))) (if (i32.and (local.get 0) (i32.const 2)) (then (throw $f))) (if (i32.and (local.get 0) (i32.const 4)) (then (call $host))))
      (func (export "catch") (param i32) (result i32) (local $i i32) (local $s i32)
        (local.set $i (i32.const 40))
        (loop $next
          (local.set $s (i32.add (local.get $s)
            (block $got (result i32) (block $none (block $any
              (try_table (catch $e $got) (catch $f $none) (catch_all $any) (call $raise (i32.add (local.get 0) (local.get $i))))
              (br $got (i32.const 1))) (br $got (i32.const 5))) (i32.const 3))))
          (br_if $next (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (local.get $s))
      (func (export "loop") (param i32) (result i32) (local $i i32)
        (loop $again (if (i32.gt_u (local.get $i) (i32.const 50)) (then (return (local.get $i))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (try_table (catch_all $again) (throw $f)))
        (unreachable))
      (func (export "rethrow") (param i32) (result i32)
        (block $got (result i32)
          (try_table (result i32) (catch $e $got)
            (throw_ref (block $x (result exnref) (try_table (catch_all_ref $x) (call $raise (local.get 0))) (return (i32.const 0)))))))
      (func (export "uncaught") (param i32) (call $raise (local.get 0))))`,
  },
  {
    name: 'imports of every kind', tool: 'wabt', text: `(module
      (import "env" "memory" (memory 1 3)) (import "env" "table" (table 4 10 funcref)) (import "env" "i64" (global $g i64))
      (import "env" "wasmtag" (tag $t (param i32))) (import "env" "pair" (func $pair (param i32) (result i32 i64)))
      (export "memory" (memory 0)) (export "table" (table 0))
      (func $f (export "use") (param i32) (result i64) (local i32)
        (loop (i32.store (local.get 1) (local.get 1)) (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 4))) (i32.const 400))))
        (call $pair (local.get 0)) (i64.add (global.get $g)) (return))
      (func (export "keep") (table.set (i32.const 1) (ref.func $f)))
      (func (export "indirect") (param i32) (result i64) (call_indirect (param i32) (result i64) (local.get 0) (i32.const 1)))
      (func (export "throw") (throw $t (i32.const 3))))`,
  },
  {
    name: 'initialised tables and globals of functions', tool: 'binaryen', text: `(module
      (type $f (func (result i32))) (elem declare func $one $two)
      (table $t 3 4 (ref $f) (ref.func $two)) (global $g (mut (ref $f)) (ref.func $one))
      (func $one (type $f) (i32.const 1)) (func $two (type $f) (global.set $g (ref.func $two)) (i32.const 2))
      (func (export "both") (result i32) (local $i i32)
        (loop $next (drop (call_indirect $t (type $f) (local.get $i))) (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
        (call_ref $f (global.get $g))))`,
  },
  {
    name: 'long segments', tool: 'binaryen', text: `(module
      (type $bytes (array (mut i8))) (type $shorts (array (mut i16))) (type $longs (array (mut i64))) (type $f (array (mut funcref)))
      (memory (export "memory") 4) (table $t (export "table") 9000 funcref)
      (data $d "${long}") (data $e "${long}") (elem $p func ${'$f $g '.repeat(4400)})
      (func $f (result i32) (i32.const 1)) (func $g (result i32) (i32.const 2))
      (func (export "memory init") (param i32 i32) (memory.init $d (i32.and (local.get 0) (i32.const 0xffff)) (i32.and (local.get 1) (i32.const 0xff)) (i32.const 134000)))
      (func (export "memory init beyond") (param i32) (memory.init $d (i32.const 7) (i32.const 401) (i32.add (i32.const 134000) (i32.and (local.get 0) (i32.const 1)))))
      (func (export "memory init dropped") (param i32) (data.drop $e) (memory.init $e (i32.const 7) (i32.const 0) (i32.add (i32.const 70000) (local.get 0))))
      (func (export "table init") (param i32) (table.init $t $p (i32.and (local.get 0) (i32.const 127)) (i32.and (local.get 0) (i32.const 63)) (i32.const 8700)))
      (func (export "table init beyond") (param i32) (table.init $t $p (i32.const 0) (i32.and (local.get 0) (i32.const 63)) (i32.const 8801)))
      (func (export "call") (param i32) (result i32) (call_indirect $t (result i32) (i32.and (local.get 0) (i32.const 0x1fff))))
      (func (export "longs") (param i32 i32) (result i64) (local $a (ref $longs)) (local $s i64) (local $i i32)
        (local.set $a (array.new_default $longs (i32.const 16900)))
        (array.init_data $longs $d (local.get $a) (i32.and (local.get 0) (i32.const 63)) (i32.and (local.get 1) (i32.const 63)) (i32.add (i32.const 16700) (i32.and (local.get 0) (i32.const 15))))
        (loop $next (local.set $s (i64.add (i64.mul (local.get $s) (i64.const 31)) (array.get $longs (local.get $a) (local.get $i))))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 3))) (i32.const 16900))))
        (local.get $s))
      (func (export "shorts beyond") (param i32) (result i32) (local $a (ref $shorts))
        (local.set $a (array.new_default $shorts (i32.const 70000)))
        (array.init_data $shorts $d (local.get $a) (i32.const 0) (i32.and (local.get 0) (i32.const 3)) (i32.add (i32.const 67199) (i32.and (local.get 0) (i32.const 1))))
        (array.get_u $shorts (local.get $a) (i32.const 67198)))
      (func (export "longs far beyond") (array.init_data $longs $d (array.new_default $longs (i32.const 9000)) (i32.const 0) (i32.const -8) (i32.const 8192)))
      (func (export "functions") (param i32) (result i32) (local $a (ref $f))
        (local.set $a (array.new_default $f (i32.const 9000)))
        (array.init_elem $f $p (local.get $a) (i32.and (local.get 0) (i32.const 127)) (i32.and (local.get 0) (i32.const 63)) (i32.add (i32.const 8700) (i32.and (local.get 0) (i32.const 63))))
        (ref.is_null (array.get $f (local.get $a) (i32.const 8800)))))`,
  },
]
