import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { file } from '../../support/modelAnswer.ts';
import { openSolveBench, type SolveBench } from '../../support/solveBench.ts';
import { need } from './needTools.ts';

let bench: SolveBench;
beforeAll(async () => {
  bench = await openSolveBench();
});
afterAll(() => bench.close());

const LISTS = `cmake_minimum_required(VERSION 3.16)
project(shop CXX)
enable_testing()
add_library(cart cart.cpp)
add_executable(cart_test tests/cart_test.cpp)
target_link_libraries(cart_test cart)
add_test(NAME cart COMMAND cart_test)
`;
const CART_TEST = `#include <cassert>
#include <cstdlib>
#include "../cart.hpp"

int main() {
  Cart cart;
  cart.add(2, 3);
  assert(cart.total() == 6);
  if (cart.total() != 6) std::exit(EXIT_FAILURE);
}
`;
const CART = `#include "cart.hpp"
void Cart::add(int count, int price) { sum += count * price; }
int Cart::total() const { return sum; }
`;

describe('C++ with CMake', () => {
  const scene = {
    language: 'cpp' as const,
    tree: {
      'CMakeLists.txt': LISTS,
      'cart.hpp':
        '#pragma once\nclass Cart {\n  int sum = 0;\npublic:\n  void add(int count, int price);\n  int total() const;\n};\n',
      'cart.cpp': CART.replace('count * price', 'price'),
      'tests/cart_test.cpp': CART_TEST,
    },
    expected: ['cart.cpp'],
  };

  test('is configured outside of the tree, and its tests are run by ctest', async (ctx) => {
    await need(ctx, bench, 'g++', 'cmake', 'ctest');
    const { solved } = await bench.solve({
      ...scene,
      nonNegotiables: { build_tool: 'cmake' },
      answers: [file('cart.cpp', CART)],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'verified' },
      proof: {
        fixed: ['tests/cart_test.cpp::main'],
        runs: [
          { phase: 'compile', tool: 'cmake' },
          { phase: 'smoke', tool: 'ctest', tests: { total: 2, passed: 2 } },
        ],
      },
    });
  });

  test('whose answer has ctest expect the failure is refuted', async (ctx) => {
    await need(ctx, bench, 'g++', 'cmake', 'ctest');
    const lists = `${LISTS}set_tests_properties(cart PROPERTIES WILL_FAIL TRUE)\n`;
    const { solved } = await bench.solve({
      ...scene,
      answers: [file('CMakeLists.txt', lists) + file('cart.cpp', CART.replace('sum;', 'sum + 1;'))],
    });
    expect(solved).toMatchObject({ verdict: { name: 'refuted' } });
  });

  test('that needs a package which is not there says which', async (ctx) => {
    await need(ctx, bench, 'g++', 'cmake', 'ctest');
    const lists = LISTS.replace(
      'enable_testing()',
      'find_package(NoSuchThing REQUIRED)\nenable_testing()',
    );
    const { solved } = await bench.solve({
      ...scene,
      tree: { ...scene.tree, 'CMakeLists.txt': lists },
      answers: [file('cart.cpp', CART)],
    });
    expect(solved).toMatchObject({
      verdict: {
        name: 'unverified',
        reason: 'dependencies_missing',
        summary: expect.stringContaining('NoSuchThing'),
      },
    });
  });
});
