/** True when the last digit is the check digit of the others (ISO/IEC 7812-1, annex B). `digits` holds decimal digits only. */
export function isLuhnValid(digits: string): boolean {
  let sum = 0;
  for (let index = digits.length - 1, position = 0; index >= 0; index -= 1, position += 1) {
    const digit = digits.charCodeAt(index) - 48;
    const doubled = digit * 2;
    if (position % 2 === 0) sum += digit;
    else sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
