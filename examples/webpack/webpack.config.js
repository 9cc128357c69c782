/** webpack needs no plugin: it sees the files of workers itself. TypeScript is compiled by esbuild here. */
export default {
  mode: "production",
  target: "node",
  context: import.meta.dirname,
  entry: "./main.ts",
  output: { path: `${import.meta.dirname}/build`, module: true },
  experiments: { outputModule: true },
  optimization: { minimize: false }, // a program for Node gains nothing by it
  module: {
    rules: [{ test: /\.ts$/, loader: "esbuild-loader", options: { target: "es2022" } }],
  },
};
