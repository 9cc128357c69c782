/**
 * The tests that a page may not run, since they block. Where time is short a worker runs those and no others: the rest
 * has run on the page.
 */

/** Why a page skips them. */
export const BLOCKS = "blocks, which a page may not; it runs on a worker";

/** How a file is called that does not even load on a page. */
export const WHOLE_FILE = "the whole file";
