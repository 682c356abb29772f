// Operators, and functions of another file.

int calls (void);
int rotate (unsigned value, int by);

int puts (char const *s);

char digits[] = "0123456789abcdef";

int
main (int argc, char **argv)
{
  char line[9];
  unsigned value = 0x12345678;
  int i;
  value = rotate (value, 8) ^ 0xff00;
  value |= 1;
  value &= ~0x20;
  for (i = 7; i >= 0; i--)
    {
      line[i] = digits[value % 16];
      value = value / 16;
    }
  line[8] = 0;
  if (calls () == 1 && !(argc > 1 || -argc == 1))
    puts (line);
  else
    goto bad;
  return (calls () << 3) - 1;
bad:
  return 1;
}
