/** The modules of programs about lanes and what stands on them, in the two groups that have a test file each. */
const LANES: readonly string[] = ["lanes", "shared-lanes", "dropping"];
const MEETINGS: readonly string[] = ["rendezvous", "select", "handles"];

/** Whether a module of programs is about the rings of lanes. */
export function isAboutLanes(module: string): boolean {
  return LANES.includes(module);
}

/** Whether a module of programs is about tasks that meet: without a ring, in a choice, or by what they do to one end. */
export function isAboutMeetings(module: string): boolean {
  return MEETINGS.includes(module);
}
