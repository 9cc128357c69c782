/** The modules in examples/ do what their first lines promise. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nearest } from "../../examples/nearest.ts";
import { plantTree, pointAt, type Place } from "../../examples/place-tree.ts";
import { freeze } from "../../src/index.ts";
import { TestFolder, commandTest, exampleModule, runCommand } from "./command-run.ts";

const map = ["map", "--no-progress", "--tasks", "1"];

const place = fc.record({
  id: fc.nat(),
  name: fc.string({ minLength: 1, maxLength: 8 }),
  country: fc.constantFrom("NO", "DE", "JP"),
  latitude: fc.integer({ min: -90, max: 90 }),
  longitude: fc.integer({ min: -180, max: 180 }),
  population: fc.nat(),
});

function distance(from: Place, to: { latitude: number; longitude: number }): number {
  const [x, y, z] = pointAt(from.latitude, from.longitude);
  const [toX, toY, toZ] = pointAt(to.latitude, to.longitude);
  return (x - toX) ** 2 + (y - toY) ** 2 + (z - toZ) ** 2;
}

test("nearest finds a place than which none is nearer, in a plain tree and in a frozen one", () => {
  const position = fc.record({
    latitude: fc.double({ min: -90, max: 90, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  });
  const places = fc.array(place, { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(places, position, (list, from) => {
      const atlas = plantTree(list);
      const found = nearest(from, { atlas });
      const least = Math.min(...list.map((candidate) => distance(candidate, from)));
      const best = list.filter((candidate) => distance(candidate, from) === least);
      assert.ok(best.some(({ name }) => name === found?.name));
      assert.deepEqual(nearest(from, { atlas: freeze(atlas) }), found);
    }),
    { numRuns: 50 },
  );
});

test("nearest knows neither poles nor a date line", () => {
  const suva = {
    id: 1,
    name: "Suva",
    country: "FJ",
    latitude: -18.1,
    longitude: 178.4,
    population: 0,
  };
  const apia = {
    id: 2,
    name: "Apia",
    country: "WS",
    latitude: -13.8,
    longitude: -171.8,
    population: 0,
  };
  const quito = {
    id: 3,
    name: "Quito",
    country: "EC",
    latitude: -0.2,
    longitude: -78.5,
    population: 0,
  };
  const atlas = plantTree([suva, apia, quito]);
  assert.equal(nearest({ latitude: -18, longitude: -179.9 }, { atlas })?.name, "Suva");
  assert.equal(nearest({ latitude: -90, longitude: 12 }, { atlas })?.name, "Suva");
  assert.equal(nearest({ latitude: 0, longitude: 0 }, { atlas: plantTree([]) }), null);
});

commandTest("nearest looks up positions in a shared tree", async () => {
  using folder = new TestFolder();
  const oslo = {
    id: 1,
    name: "Oslo",
    country: "NO",
    latitude: 59.91,
    longitude: 10.75,
    population: 0,
  };
  const rome = {
    id: 2,
    name: "Rome",
    country: "IT",
    latitude: 41.9,
    longitude: 12.5,
    population: 0,
  };
  const tree = folder.write("tree.json", JSON.stringify(plantTree([oslo, rome])));
  const words = [
    ...map,
    exampleModule("nearest"),
    "--format",
    "ndjson",
    "--share",
    `atlas=${tree}`,
  ];
  const input = '{"latitude": 60, "longitude": 10}\n{"latitude": 40, "longitude": 12}\n';
  const { stdout, stderr } = await runCommand(words, { input });
  assert.equal(
    stdout,
    '{"name":"Oslo","country":"NO","km":42.9}\n{"name":"Rome","country":"IT","km":215.4}\n',
    stderr,
  );
});

commandTest("words counts what is not common", async () => {
  using folder = new TestFolder();
  const common = folder.write("common.json", '["the", "a"]');
  const words = [...map, exampleModule("words"), "--share", `common=${common}`];
  const { stdout } = await runCommand(words, { input: "The cat, the cats, a CAT\n\n" });
  assert.equal(stdout, '{"cat":2,"cats":1}\n{}\n');
});

commandTest("square squares numbers", async () => {
  const { stdout } = await runCommand([...map, exampleModule("square")], { input: "1\n-2\n0.5\n" });
  assert.equal(stdout, "1\n4\n0.25\n");
});
