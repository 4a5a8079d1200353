/** ArmoRM. */
package assay.rm.armorm;
