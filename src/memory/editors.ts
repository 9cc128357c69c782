/**
 * The editor of each region that this thread edits, made anew after each thaw: others may have edited
 * the region in between.
 */
import { QuipeError } from "../errors.ts";
import { Editor } from "./editor.ts";
import { HEADER } from "./layout.ts";
import type { Region } from "./region.ts";

interface EpochEditor {
  readonly epoch: number;
  readonly editor: Editor;
}

const editors = new WeakMap<Region, EpochEditor>();

/** Forgets the editor of `region`: what it knows of the region may be wrong. */
export function forgetEditor(region: Region): void {
  editors.delete(region);
}

/** The editor of `region`. */
export function editorOf(region: Region): Editor {
  region.isEdited = true;
  region.edited.log?.touchHeader();
  const epoch = region.words[HEADER.EPOCH] as number;
  const known = editors.get(region);
  if (known?.epoch === epoch) {
    if (known.editor.isBusy) refuseInTheMiddle(region);
    return known.editor;
  }
  const editor = new Editor(region);
  editors.set(region, { epoch, editor });
  return editor;
}

/** Whether data is being put into the region at this moment, so that this runs in a getter of that data. */
export function isBeingEdited(region: Region): boolean {
  return editors.get(region)?.editor.isBusy === true;
}

/** Throws if data is being put into the region at this moment: then it can be read, and nothing else. */
export function assertNotBeingEdited(region: Region): void {
  if (isBeingEdited(region)) refuseInTheMiddle(region);
}

function refuseInTheMiddle({ id }: Region): never {
  throw new QuipeError(
    "not-shareable",
    `Region ${id} is in the middle of an edit: a getter of the data that is put into it may read it, ` +
      "and not change, freeze, guard, move or release it. Nothing has changed.",
  );
}
