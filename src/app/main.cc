#include "app/cli.h"

int main(int argc, char** argv) {
  return linkspan::app::run_cli(argc, argv);
}
