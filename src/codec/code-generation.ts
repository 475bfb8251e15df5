/** May this process make functions from text? Not under `node --disallow-code-generation-from-strings`. Asked once. */
export const canGenerateCode = ((): boolean => {
  try {
    new Function("");
    return true;
  } catch {
    return false;
  }
})();
