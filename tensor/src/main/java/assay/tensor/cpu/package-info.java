/** The CPU: reference loops, and kernels on the Vector API. */
package assay.tensor.cpu;
