/** What an end knows of the other side, from the words of its two lanes. */
import { load } from "../runtime/atomics.ts";
import type { Handle } from "./handles.ts";
import { EndState, RECEIVER_STATE, SENDER_STATE } from "./lane-layout.ts";
import { otherSide } from "./quipe-memory.ts";

/** How the other side of an {@link End} is. */
export type PeerState = "alive" | "closed" | "failed" | "killed" | "aborted";

const ENDED: readonly PeerState[] = ["alive", "closed", "failed", "killed", "aborted"];

/** How the side opposite to a handle is: alive while it sends or receives. */
export function peerStateOf({ memory, side }: Handle): PeerState {
  const receiver = load(memory.laneFrom(side).words, RECEIVER_STATE);
  const sender = load(memory.laneFrom(otherSide(side)).words, SENDER_STATE);
  if (receiver === EndState.open || sender === EndState.open) return "alive";
  return ENDED[sender] ?? "alive";
}

/** The same of those who receive what is sent by the side of a handle. */
export function receiverStateOf(handle: Handle): PeerState {
  const receiver = load(handle.memory.laneFrom(handle.side).words, RECEIVER_STATE);
  if (receiver === EndState.open) return "alive";
  if (receiver === EndState.aborted) return "aborted";
  const peer = peerStateOf(handle);
  return peer === "alive" ? "closed" : peer; // it sends still
}
