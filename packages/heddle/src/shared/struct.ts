import { checkOptions, type Named } from '../base/arguments.js';
import { classFor } from './struct-class.js';
import { checkLength, layoutOf } from './struct-layout.js';
import { ArrayType, type FieldType, type Schema, type StructType, TextType } from './struct-types.js';

/**
 * Makes a class of structs: objects whose fields lie in memory that all threads share. A struct passed to another
 * thread is the same struct there; nothing is copied but what is read.
 *
 * Nothing here blocks. Reading or writing a field orders nothing, and a field longer than a word (64-bit numbers,
 * texts) may be seen half written: guard a struct that several threads use with a lock, for which it can have a field.
 * What is written to a field is checked, not wrapped; elements of a typed array wrap, as they always do.
 *
 * | type of the field | value |
 * | --- | --- |
 * | `'i8'`, `'u8'`, `'i16'`, `'u16'`, `'i32'`, `'u32'`, `'f32'`, `'f64'` | number |
 * | `'i64'`, `'u64'` | bigint |
 * | `'bool'` | boolean |
 * | `text(n)` | string of at most `n` characters |
 * | `array(type, n)` of numbers | typed array of `n` elements over the same memory |
 * | `array(type, n)` of anything else | {@link FixedArray} |
 * | another struct | that struct, lying inside this one |
 * | `Lock`, `Queue<string>`, … | the shared object that the field refers to |
 *
 * A field of a class that can be made without arguments, such as `Lock`, has an object of its own from its first use
 * on; others, such as `Barrier`, are null until they are set. The former stay where they are when a struct is copied, or
 * set as a whole, so that two structs never share a lock unless somebody says so. A struct must not lead to itself
 * through such fields: nobody would ever free it.
 *
 * The fields are properties of the class, over memory that is nobody's own: to compare structs, spread or clone them,
 * copy them to plain objects first, with `Type.toObject`.
 *
 * Structs with the same fields, in the same order, and the same name are of one type, wherever `struct` was called. A
 * class of structs cannot be extended, since another thread would not know the methods.
 *
 * @param schema the type of each field, in the order in which they lie in memory
 * @param options `name` is what inspected structs and errors show; `Struct` if omitted
 * @throws TypeError if something in the schema is no type of a field
 * @example
 * ```ts
 * const Account = struct({ owner: text(32), balance: 'f64', lock: Lock }, { name: 'Account' });
 *
 * const account = new Account({ owner: 'Ada', balance: 100 });
 * {
 *   using guard = account.lock.acquire();
 *   account.balance -= 1;
 * }
 * console.log(account.owner, account.balance); // Ada 99
 *
 * const accounts = Account.array(1000); // side by side in shared memory
 * accounts.get(7).balance = 50;
 * ```
 */
export function struct<const S extends Schema>(schema: S, options?: Named): StructType<S> {
  const { name = 'Struct' } = checkOptions(options);
  if (typeof name !== 'string') throw new TypeError('name must be a string');
  const layout = layoutOf(name, schema);
  const its = classFor(layout) as unknown as StructType<S>;
  // The same type may have come here with a struct, before its schema.
  if (!Object.hasOwn(its, 'schema'))
    Object.defineProperty(its, 'schema', { value: Object.freeze({ ...schema }) });
  return its;
}

/**
 * The type of a field for text of up to `length` characters, as `length` of a string counts them; it takes two bytes
 * for each.
 *
 * @throws RangeError if `length` is not a whole number of at least 1
 */
export function text(length: number): TextType {
  return new TextType(checkLength('length', length, 1));
}

/**
 * The type of a field for `length` elements of one type, side by side.
 *
 * @throws RangeError if `length` is not a whole number of at least 1
 * @example
 * ```ts
 * const Sensor = struct({ samples: array('f32', 8), labels: array(text(12), 2) });
 * const sensor = new Sensor({ labels: ['inner', 'outer'] });
 * sensor.samples[0] = 0.5;
 * console.log(sensor.samples.length, sensor.labels.get(1)); // 8 outer
 * ```
 */
export function array<const E extends FieldType>(type: E, length: number): ArrayType<E> {
  return new ArrayType(type, checkLength('length', length, 1));
}
