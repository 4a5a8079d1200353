package assay.testing.crash;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;

/** How a disk can fail one operation. */
public enum Fault {
  /** ENOSPC: nothing of the operation happens. */
  NO_SPACE(
      "No space left on device", EnumSet.of(Operation.CREATE, Operation.WRITE, Operation.MOVE)),
  /** EIO: nothing of the operation happens. */
  IO_ERROR("Input/output error", EnumSet.allOf(Operation.class)),
  /** A part of the bytes is written, then the disk is full. */
  SHORT_WRITE("No space left on device", EnumSet.of(Operation.WRITE)),
  /** fsync fails; what it should have saved is lost, whatever later ones say. */
  FLUSH_ERROR("Input/output error on fsync", EnumSet.of(Operation.FLUSH)),
  /**
   * The machine stops at this operation, of which a part may have happened; all later ones fail.
   */
  POWER_CUT("the machine is off", EnumSet.allOf(Operation.class));

  /** Kinds of operations, as far as faults tell them apart. */
  enum Operation {
    /** A new file or folder. */
    CREATE,
    OPEN,
    READ,
    WRITE,
    FLUSH,
    MOVE,
    DELETE,
    /** Attributes of a file, or the names in a folder. */
    LOOK
  }

  private final String message;
  private final Set<Operation> operations;

  Fault(String message, Set<Operation> operations) {
    this.message = message;
    this.operations = operations;
  }

  boolean strikes(Operation operation) {
    return operations.contains(operation);
  }

  IOException exception() {
    return new IOException(message);
  }
}
