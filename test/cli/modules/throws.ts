/** A module that throws when it is loaded. */

throw new ReferenceError("the configuration is missing");
