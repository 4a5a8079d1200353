package assay.autograd;

import assay.tensor.Device;

/** The device that tests tagged "device" run on: they run once for each that the build has. */
final class TestDevice {
  private static final String NAME = System.getProperty("assay.test-device", "cpu");

  private TestDevice() {}

  static Device open() {
    return Device.open(NAME, 2);
  }

  /** For arithmetic in F64: on the CPU the definitions compute it. */
  static Device openExact() {
    return NAME.equals("cpu") ? Device.cpuReference(1) : open();
  }
}
