/** What workerpool runs on its threads. */
import workerpool from "workerpool";

workerpool.worker({ add: (a: number, b: number): number => a + b });
